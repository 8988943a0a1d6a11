"""Reading a stretch of a chain for all projections at once, so that all of it belongs to one history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from colonnade.chain_logs import ChainLogs, IndexedTransaction
from colonnade.chains import BlockRef, ChainHistory, Log, LogFilter, Receipt
from colonnade.errors import BlockVanished, LogRangeTooWide


@dataclass(frozen=True, slots=True)
class Read:
    """Blocks up to `last`, and for each projection the transactions of these blocks that it wants, in order."""

    last: BlockRef
    transactions: Sequence[tuple[ChainLogs, IndexedTransaction]]


async def read(history: ChainHistory, projections: Sequence[ChainLogs], first: int, last: int) -> Read:
    """What `projections` want of the blocks from `first`, at most to `last`.

    Fewer blocks than asked for are read where the node does not give so many logs at once. Raises `BlockVanished`
    when the chain was reorganised meanwhile, and `ChainUnavailable`.
    """
    while True:
        try:
            return await _read(history, projections, first, last)
        except LogRangeTooWide:
            if first == last:
                raise
            last = first + (last - first) // 2


async def _read(history: ChainHistory, projections: Sequence[ChainLogs], first: int, last: int) -> Read:
    (before,) = await history.blocks([last])
    logs = await history.logs(_union(projections), first, last)
    hashes = list(dict.fromkeys(log.transaction_hash for log in logs if _wanted(projections, log)))
    receipts = await history.receipts(hashes) if hashes else ()
    numbers = sorted({log.block_number for log in logs} | {last})
    blocks = dict(zip(numbers, await history.blocks(numbers), strict=True))
    end = blocks[last]
    # The last block's hash commits to all before it: the same before and after, the logs are of one history.
    if before is None or end is None or before.hash != end.hash:
        raise BlockVanished(f"block {last} of chain {history.chain_id} changed while it was read")
    found: list[tuple[ChainLogs, IndexedTransaction]] = []
    for transaction_hash, receipt in zip(hashes, receipts, strict=True):
        own = [log for log in logs if log.transaction_hash == transaction_hash]
        block = blocks[own[0].block_number]
        if receipt is None or block is None or {receipt.block_hash, own[0].block_hash} != {block.hash}:
            raise BlockVanished(f"a transaction of block {own[0].block_number} is not where its log was")
        found += _for_each(projections, block, receipt, own)
    return Read(end, found)


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
