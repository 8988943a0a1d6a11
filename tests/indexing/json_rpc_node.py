"""A JSON-RPC node over HTTP that tells what an endpoint with a fault does: for the real adapter to be lied to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, Final

from colonnade.chains import BlockRef, Finality, Log, LogFilter, Receipt
from colonnade.errors import BlockVanished, ChainTimeout, ChainUnavailable, LogRangeTooWide
from tests.indexing.endpoints import Endpoint
from tests.infra.rpc.http_server import Exchange, ScriptedServer
from tests.infra.rpc.tiny_node import Json

_TAGS: Final = {"latest": Finality.CONFIRMED, "safe": Finality.SAFE, "finalized": Finality.FINALIZED}


@dataclass(slots=True)
class JsonRpcNode:
    """Answers for `endpoint`. `truncates`: leaves out logs of what it finds without a word; `chain_id`: what it says."""

    endpoint: Endpoint
    chain_id: int = 8453
    truncates: bool = False

    def __call__(self, exchange: Exchange) -> None:
        """Answer one HTTP request."""
        if self.endpoint.fault == "down":
            exchange.reply({"error": "maintenance"}, 503)
            return
        exchange.reply([asyncio.run(self._answer(request)) for request in exchange.batch])

    async def _answer(self, request: Json) -> Json:
        said: Json = {"jsonrpc": "2.0", "id": request["id"]}
        try:
            return said | {"result": await getattr(self, request["method"])(*request["params"])}
        except LogRangeTooWide:
            return said | {"error": {"code": -32005, "message": "query exceeds max block range"}}
        except ChainTimeout:
            return said | {"error": {"code": -32000, "message": "query timeout exceeded"}}
        except BlockVanished:
            return said | {"error": {"code": -32000, "message": "header not found"}}
        except ChainUnavailable as error:
            return said | {"error": {"code": -32603, "message": str(error)}}

    async def eth_chainId(self) -> str:
        return hex(self.chain_id)

    async def eth_getBlockByNumber(self, block: str, _full: bool) -> Json | None:
        if block in _TAGS:
            return _block(await self.endpoint.head(_TAGS[block]))
        (found,) = await self.endpoint.blocks([int(block, 16)])
        return None if found is None else _block(found)

    async def eth_getLogs(self, wanted: Json) -> Sequence[Json]:
        addresses = tuple(wanted.get("address") or ())
        topics = tuple(bytes.fromhex(topic[2:]) for topic in (wanted.get("topics") or [[]])[0])
        first, last = int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)
        found = await self.endpoint.logs(LogFilter(addresses, topics), first, last)
        return [_log(log) for log in (found[:1] if self.truncates else found)]

    async def eth_getTransactionReceipt(self, transaction: str) -> Json | None:
        (found,) = await self.endpoint.receipts([bytes.fromhex(transaction[2:])])
        return None if found is None else _receipt(found)

    async def eth_getBlockReceipts(self, block: Any) -> Sequence[Json] | None:
        spelled = block["blockHash"] if isinstance(block, dict) else block
        found = await self.endpoint.block_receipts(bytes.fromhex(spelled[2:]))
        return None if found is None else [_receipt(receipt) for receipt in found]


@contextmanager
def served(nodes: Sequence[JsonRpcNode]) -> Iterator[tuple[str, ...]]:
    """The addresses of servers in front of `nodes`."""
    with ExitStack() as stack:
        servers = [ScriptedServer(node) for node in nodes]
        for server in servers:
            stack.callback(server.close)
        yield tuple(server.url for server in servers)


def _block(block: BlockRef) -> Json:
    return {
        "number": hex(block.number),
        "hash": "0x" + block.hash.hex(),
        "parentHash": "0x" + block.parent_hash.hex(),
        "timestamp": hex(int(block.timestamp.timestamp())),
        "baseFeePerGas": hex(block.base_fee),
        "extraData": "0x",
    }


def _log(log: Log) -> Json:
    return {
        "address": log.address,
        "topics": ["0x" + topic.hex() for topic in log.topics],
        "data": "0x" + log.data.hex(),
        "logIndex": hex(log.index),
        "blockNumber": hex(log.block_number),
        "blockHash": "0x" + log.block_hash.hex(),
        "transactionHash": "0x" + log.transaction_hash.hex(),
        "removed": False,
    }


def _receipt(receipt: Receipt) -> Json:
    return {
        "transactionHash": "0x" + receipt.transaction_hash.hex(),
        "blockNumber": hex(receipt.block_number),
        "blockHash": "0x" + receipt.block_hash.hex(),
        "transactionIndex": hex(receipt.transaction_index),
        "from": receipt.sender,
        "to": receipt.to,
        "status": hex(receipt.succeeded),
        "gasUsed": hex(receipt.gas_used),
        "effectiveGasPrice": hex(receipt.gas_price),
        "logs": [_log(log) for log in receipt.logs],
    }
