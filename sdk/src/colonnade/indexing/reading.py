"""Reading a stretch of a chain for all projections at once, so that all of it belongs to one history."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from colonnade.chain_logs import ChainLogs, IndexedTransaction
from colonnade.chains import BlockRef, ChainHistory, Log, LogFilter, Receipt
from colonnade.errors import BlockVanished, ChainProtocolError, LogRangeTooWide
from colonnade.indexing.ancestry import linked

_Logs: TypeAlias = Callable[[LogFilter, int, int], Awaitable[Sequence[Log]]]


@dataclass(frozen=True, slots=True)
class Read:
    """Blocks up to `last`, and for each projection the transactions of these blocks that it wants, in order.

    `blocks`: those that were asked for and follow one another up to `last`, which is among them.
    """

    last: BlockRef
    blocks: Sequence[BlockRef]
    transactions: Sequence[tuple[ChainLogs, IndexedTransaction]]


async def read(
    history: ChainHistory,
    projections: Sequence[ChainLogs],
    first: int,
    last: int,
    most: int | None = None,
    since: int | None = None,
) -> Read:
    """What `projections` want of the blocks from `first`, at most to `last`, and of `most` transactions (None: all of
    them); a block is never cut. `since`: from which number on the blocks themselves are wanted, None for the last only.

    Raises `LogRangeTooWide` where the node does not give so many logs at once, `BlockVanished` when the chain was
    reorganised meanwhile, and `ChainUnavailable`.
    """
    try:
        return await _read(history, history.logs, projections, first, last, most, since)
    except LogRangeTooWide:
        if first < last:
            raise
    # Anybody can fill a block with more logs than a node gives at once; of receipts it gives all.
    by_receipts = partial(_logs_by_receipts, history)
    return await _read(history, by_receipts, projections, first, last, most, since)


async def _logs_by_receipts(history: ChainHistory, wanted: LogFilter, first: int, last: int) -> Sequence[Log]:
    """The logs of one block, whichever they are."""
    (block,) = await history.blocks([last])
    receipts = None if block is None else await history.block_receipts(block.hash)
    if receipts is None:
        raise BlockVanished(f"block {last} of chain {history.chain_id} changed while it was read")
    return [log for receipt in receipts for log in receipt.logs]


async def _read(
    history: ChainHistory,
    logs_of: _Logs,
    projections: Sequence[ChainLogs],
    first: int,
    last: int,
    most: int | None,
    since: int | None,
) -> Read:
    (before,) = await history.blocks([last])
    logs = [log for log in await logs_of(_union(projections), first, last) if _wanted(projections, log)]
    until = last if most is None else _last_whole(logs, last, most)
    logs = [log for log in logs if log.block_number <= until]
    of_transaction: dict[bytes, list[Log]] = {}
    for log in logs:
        of_transaction.setdefault(log.transaction_hash, []).append(log)
    hashes = list(of_transaction)
    receipts = await history.receipts(hashes) if hashes else ()
    wanted = range(until if since is None else max(0, since), until + 1)
    numbers = sorted({log.block_number for log in logs} | {last, *wanted})
    blocks = dict(zip(numbers, await history.blocks(numbers), strict=True))
    end, after = blocks[until], blocks[last]
    # The last block's hash commits to all before it: the same before and after, the logs are of one history.
    if before is None or end is None or after is None or before.hash != after.hash:
        raise BlockVanished(f"block {last} of chain {history.chain_id} changed while it was read")
    found: list[tuple[ChainLogs, IndexedTransaction]] = []
    for transaction_hash, receipt in zip(hashes, receipts, strict=True):
        own = of_transaction[transaction_hash]
        block = blocks[own[0].block_number]
        if receipt is None or block is None or {receipt.block_hash, own[0].block_hash} != {block.hash}:
            raise BlockVanished(f"a transaction of block {own[0].block_number} is not where its log was")
        if own != [log for log in receipt.logs if _wanted(projections, log)]:
            raise ChainProtocolError(
                f"chain {history.chain_id}: the logs of block {block.number} are not those of its receipts: an endpoint "
                "is wrong, see the runbook"
            )
        found += _for_each(projections, block, receipt, own)
    return Read(end, linked(blocks, until), found)


def _last_whole(logs: Sequence[Log], last: int, most: int) -> int:
    """The last block up to which `logs` are of at most `most` transactions; at least the first that has any."""
    seen: set[bytes] = set()
    for log in logs:
        seen.add(log.transaction_hash)
        if len(seen) > most:
            return max(log.block_number - 1, logs[0].block_number)
    return last


def _for_each(
    projections: Sequence[ChainLogs], block: BlockRef, receipt: Receipt, logs: Sequence[Log]
) -> list[tuple[ChainLogs, IndexedTransaction]]:
    wanted = ((projection, [log for log in logs if matches(projection, log)]) for projection in projections)
    return [(projection, IndexedTransaction(block, receipt, own)) for projection, own in wanted if own]


def matches(projection: ChainLogs, log: Log) -> bool:
    """Whether `projection` asked for this log."""
    of_address = not projection.addresses or log.address in projection.addresses
    return of_address and bool(log.topics) and log.topics[0] in projection.topics


def _wanted(projections: Sequence[ChainLogs], log: Log) -> bool:
    return any(matches(projection, log) for projection in projections)


def _union(projections: Sequence[ChainLogs]) -> LogFilter:
    """One filter that lets through what any of them wants; it may let through more."""
    anywhere = any(not projection.addresses for projection in projections)
    addresses: Mapping[object, None] = (
        {}
        if anywhere
        else dict.fromkeys(address for projection in projections for address in projection.addresses)
    )
    topics = dict.fromkeys(topic for projection in projections for topic in projection.topics)
    return LogFilter(tuple(addresses), tuple(topics))  # type: ignore[arg-type]
