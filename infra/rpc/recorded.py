"""Transactions, receipts and logs, asked of one endpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from colonnade.chains import Finality, Log, LogFilter, Receipt, Transaction
from colonnade.errors import LogRangeTooWide
from infra.rpc import records
from infra.rpc.faults import Fault, classify
from infra.rpc.headers import header_request, optional
from infra.rpc.jsonrpc import RpcAnswer, RpcError, RpcRequest
from infra.rpc.refusals import is_beyond_head, is_too_wide
from infra.rpc.requests import AnotherBlock
from infra.rpc.session import Session
from infra.rpc.transport import AnswerTooLarge
from infra.rpc.wire import MalformedValue

T = TypeVar("T")


async def transactions(session: Session, hashes: Sequence[bytes]) -> list[Transaction | None]:
    """See `ChainHistory.transactions`."""
    chain_id = session.settings.chain_id
    return await _each(
        session, "eth_getTransactionByHash", hashes, lambda v, h: records.transaction(v, h, chain_id)
    )


async def receipts(session: Session, hashes: Sequence[bytes]) -> list[Receipt | None]:
    """See `ChainHistory.receipts`."""
    return await _each(session, "eth_getTransactionReceipt", hashes, records.receipt)


async def block_receipts(session: Session, block_hash: bytes) -> list[Receipt] | None:
    """See `ChainHistory.block_receipts`."""
    spelled = "0x" + block_hash.hex()
    by_hash = {"blockHash": spelled, "requireCanonical": True}
    (answer,) = await session.ask([RpcRequest("eth_getBlockReceipts", (by_hash,))])
    if isinstance(answer, RpcError) and classify(answer) is Fault.INVALID_PARAMS:
        (answer,) = await session.ask([RpcRequest("eth_getBlockReceipts", (spelled,))])
    if isinstance(answer, RpcError) and classify(answer) is Fault.UNKNOWN_BLOCK:
        return None
    value = session.value(answer)
    return None if value is None else session.parsed(lambda: _receipts_of(value, block_hash))


async def logs(session: Session, wanted: LogFilter, first: int, last: int) -> list[Log]:
    """See `ChainHistory.logs`."""
    criteria: dict[str, object] = {"fromBlock": hex(first), "toBlock": hex(last)}
    if wanted.addresses:
        criteria["address"] = list(wanted.addresses)
    topics = [["0x" + topic.hex() for topic in place] for place in (wanted.topics, wanted.second_topics)]
    if topics[1]:
        criteria["topics"] = [topics[0] or None, topics[1]]
    elif topics[0]:
        criteria["topics"] = [topics[0]]
    # A node that is behind gives the logs it has and says nothing of the rest: the last header shows it.
    asked = [header_request(hex(last)), RpcRequest("eth_getLogs", (criteria,))]
    try:
        there, answer = await session.ask(asked)
    except AnswerTooLarge as failure:
        too_wide: Exception = LogRangeTooWide(f"{failure}: ask for fewer blocks than {last - first + 1}")
    else:
        block = optional(session, there, Finality.CONFIRMED)
        if block is None or (isinstance(answer, RpcError) and _does_not_have(answer)):
            raise AnotherBlock
        if not (isinstance(answer, RpcError) and is_too_wide(answer)):
            value = session.value(answer)
            found = session.parsed(lambda: _logs_of(value, wanted, first, last))
            if any(log.block_number == last and log.block_hash != block.hash for log in found):
                raise AnotherBlock
            return found
        too_wide = LogRangeTooWide(str(session.unavailable(answer)))
    raise too_wide


def _does_not_have(error: RpcError) -> bool:
    return is_beyond_head(error) or classify(error) is Fault.UNKNOWN_BLOCK


async def _each(
    session: Session, method: str, hashes: Sequence[bytes], parse: Callable[[object, bytes], T | None]
) -> list[T | None]:
    answers = await session.ask([RpcRequest(method, ("0x" + hash_.hex(),)) for hash_ in hashes])

    def one(answer: RpcAnswer, hash_: bytes) -> T | None:
        value = session.value(answer)
        return None if value is None else session.parsed(lambda: parse(value, hash_))

    return [one(answer, hash_) for answer, hash_ in zip(answers, hashes, strict=True)]


def _receipts_of(value: object, block_hash: bytes) -> list[Receipt]:
    found: list[Receipt] = []
    last_index = -1
    for position, one in enumerate(records.sequence(value, "the block's receipts")):
        receipt = records.receipt(one)
        if receipt is None or receipt.block_hash != block_hash or receipt.transaction_index != position:
            raise MalformedValue("a receipt does not belong into its place in this block")
        if receipt.logs and receipt.logs[0].index <= last_index:
            raise MalformedValue("the block's logs are out of order")
        last_index = receipt.logs[-1].index if receipt.logs else last_index
        found.append(receipt)
    if len({receipt.block_number for receipt in found}) > 1:
        raise MalformedValue("the block's receipts are of several heights")
    return found


def _logs_of(value: object, wanted: LogFilter, first: int, last: int) -> list[Log]:
    found = [records.log(one) for one in records.sequence(value, "the logs")]
    hashes: dict[int, bytes] = {}
    for log in found:
        if not first <= log.block_number <= last:
            raise MalformedValue("a log is of a block that was not asked for")
        if wanted.addresses and log.address not in wanted.addresses:
            raise MalformedValue("a log is of a contract that was not asked for")
        if wanted.topics and (not log.topics or log.topics[0] not in wanted.topics):
            raise MalformedValue("a log has a topic that was not asked for")
        if wanted.second_topics and not set(log.topics[1:2]) & set(wanted.second_topics):
            raise MalformedValue("a log has a second topic that was not asked for")
        if hashes.setdefault(log.block_number, log.block_hash) != log.block_hash:
            raise MalformedValue("logs of one height are of several blocks")
    found.sort(key=lambda log: (log.block_number, log.index))
    if len({(log.block_number, log.index) for log in found}) != len(found):
        raise MalformedValue("two logs have the same place")
    return found
