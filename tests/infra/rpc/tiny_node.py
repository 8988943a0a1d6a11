"""A node of a few lines: enough of the JSON-RPC API to answer the adapter, with the faults of real ones to order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from colonnade.evm import encode
from infra.rpc.aggregate import AGGREGATE3, GET_ETH_BALANCE, GET_LAST_BLOCK_HASH
from infra.rpc.settings import MULTICALL3

Json = dict[str, Any]

REFUSING: Final = b"\xff"
"""Calldata that begins so is reverted with; any other is returned."""


class NodeError(Exception):
    """An error for the caller."""

    def __init__(self, code: int, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.error = {"code": code, "message": message} | ({} if data is None else {"data": data})


HEADER_NOT_FOUND: Final = NodeError(-32000, "header not found")
NO_BLOCK_OBJECTS: Final = NodeError(-32602, "invalid argument 1: json: cannot unmarshal object into Go value")
TOO_MANY_ARGUMENTS: Final = NodeError(-32602, "too many arguments, want at most 2")


@dataclass
class TinyNode:
    """Contracts echo their calldata. `fork`: blocks from number `forked_at` hash differently."""

    chain_id: int = 8453
    head: int = 100
    fork: int = 0
    forked_at: int = 0
    balances: dict[str, int] = field(default_factory=dict)
    takes_block_hashes: bool = True
    takes_overrides: bool = True
    ignores_overrides: bool = False
    multicall3: Callable[[bytes], bytes] | None = None
    """What stands where Multicall3 should: that itself, or something that turns calldata into a result."""
    before: Callable[[TinyNode, Json], None] = lambda _node, _request: None
    seen: list[Json] = field(default_factory=list)

    def answer(self, request: Json) -> Json:
        """The response to one request of a batch. `before` it, a test may change the node or raise `NodeError`."""
        self.seen.append(request)
        try:
            self.before(self, request)
            method = getattr(self, request["method"], None)
            if method is None:
                raise NodeError(-32601, f"the method {request['method']} does not exist/is not available")
            result = method(*request["params"])
        except NodeError as refusal:
            return {"jsonrpc": "2.0", "id": request["id"], "error": refusal.error}
        return {"jsonrpc": "2.0", "id": request["id"], "result": result}

    def methods(self) -> list[str]:
        """What was asked, in order."""
        return [request["method"] for request in self.seen]

    def hash(self, number: int) -> bytes:
        fork = self.fork if number >= self.forked_at else 0
        return hashlib.sha256(b"%d:%d" % (number, fork)).digest()

    def number(self, block: str | Mapping[str, object]) -> int:
        """The number of a block, however it is named."""
        if isinstance(block, Mapping):
            if not self.takes_block_hashes:
                raise NO_BLOCK_OBJECTS
            assert block["requireCanonical"] is True
            for number in range(self.head, self.head - 10, -1):
                if block["blockHash"] == "0x" + self.hash(number).hex():
                    return number
            raise HEADER_NOT_FOUND
        tags = {"pending": 1, "latest": 0, "safe": -2, "finalized": -5}
        number = self.head + tags[block] if block in tags else int(block, 16)
        if number > self.head + (block == "pending"):
            raise HEADER_NOT_FOUND
        return number

    def eth_chainId(self) -> str:
        return hex(self.chain_id)

    def eth_getBlockByNumber(self, block: str, _full: bool) -> Json | None:
        try:
            number = self.number(block)
        except NodeError:
            return None
        return {
            "number": hex(number),
            "hash": "0x" + self.hash(number).hex(),
            "parentHash": "0x" + self.hash(number - 1).hex(),
            "timestamp": hex(1_700_000_000 + 2 * number),
            "baseFeePerGas": hex(1_000_000),
            "extraData": "0x",
        }

    def eth_getBalance(self, account: str, block: Any) -> str:
        self.number(block)
        return hex(self.balances.get(account, 0))

    def eth_call(self, call: Json, block: Any, overrides: Mapping[str, Json] | None = None) -> str:
        if overrides is not None and not self.takes_overrides:
            raise TOO_MANY_ARGUMENTS
        number = self.number(block)
        code = {} if self.ignores_overrides or overrides is None else overrides
        data = bytes.fromhex(call["data"][2:])
        if call["to"] == MULTICALL3 and MULTICALL3 not in code:
            result = self._aggregate(data, number, code) if self.multicall3 is None else self.multicall3(data)
            return "0x" + result.hex()
        success, returned = self._run(call["to"], data, number, code)
        if not success:
            raise NodeError(3, "execution reverted", "0x" + returned.hex())
        return "0x" + returned.hex()

    def _aggregate(self, data: bytes, number: int, overrides: Mapping[str, Json]) -> bytes:
        (calls,) = AGGREGATE3.decode_arguments(data)
        results = [self._run(to, inner, number, overrides) for to, _allow_failure, inner in calls]
        return encode(["(bool,bytes)[]"], [results])

    def _run(self, to: str, data: bytes, number: int, overrides: Mapping[str, Json]) -> tuple[bool, bytes]:
        selector = data[:4]
        if to == MULTICALL3 and selector == GET_LAST_BLOCK_HASH.selector:
            return True, self.hash(number - 1)
        if to == MULTICALL3 and selector == GET_ETH_BALANCE.selector:
            (account,) = GET_ETH_BALANCE.decode_arguments(data)
            return True, self.balances.get(account, 0).to_bytes(32, "big")
        if to in overrides:
            return True, bytes.fromhex(overrides[to]["code"][2:]) + data
        if data.startswith(b"lens:"):
            return True, b""
        return not data.startswith(REFUSING), data
