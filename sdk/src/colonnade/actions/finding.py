"""Finding what was sent, in the blocks of its chain."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from colonnade.actions.proving import Mined
from colonnade.chains import BlockRef, ChainHistory, LogFilter, Transaction
from colonnade.errors import BlockVanished, LogRangeTooWide
from colonnade.evm.bundles import USER_OPERATION_EVENT
from colonnade.evm.user_operations import ENTRY_POINTS

FURTHEST: Final = 20_000
"""Blocks that are searched back for a user operation; one in an earlier block is proved by its transaction."""

NARROWEST: Final = 16
"""Blocks that every endpoint gives the logs of."""


async def find_operations(
    history: ChainHistory, hashes: Sequence[bytes], first: int, last: int
) -> Mapping[bytes, bytes]:
    """The transactions that carried out user operations, by the operations' hashes, in the blocks `first` to `last`.

    Raises `ChainUnavailable`.
    """
    wanted = LogFilter(tuple(ENTRY_POINTS), (USER_OPERATION_EVENT.topic,), tuple(hashes))
    found: dict[bytes, bytes] = {}
    end, width = last, last - first + 1
    start_at = max(first, last - FURTHEST)
    while end >= start_at and len(found) < len(set(hashes)):
        start = max(start_at, end - width + 1)
        try:
            logs = await history.logs(wanted, start, end)
        except LogRangeTooWide:
            if width <= NARROWEST:
                raise
            width = max(NARROWEST, min(width, end - start + 1) // 4)
            continue
        for log in logs:
            found[log.topics[1]] = log.transaction_hash
        end = start - 1
    return found


async def find_operation(history: ChainHistory, user_operation: bytes, first: int) -> bytes | None:
    """The transaction that carried out a user operation since block `first`, or None."""
    for _ in range(2):
        head = await history.head()
        try:
            return (await find_operations(history, [user_operation], first, head.number)).get(user_operation)
        except BlockVanished:
            continue  # a head that the next endpoint has not seen yet
    return None


async def canonical_blocks(history: ChainHistory, numbers: Iterable[int]) -> Mapping[bytes, BlockRef]:
    """The blocks of these heights by their hashes; one that is not there (yet, or any more) is missing."""
    blocks = await history.blocks(sorted(set(numbers)))
    return {block.hash: block for block in blocks if block is not None}


async def find_sent(history: ChainHistory, transaction: bytes) -> Mined | Transaction | None:
    """A transaction in a block that counts, or one that waits for that, or None where the node does not know it."""
    (sent,), (receipt,) = await asyncio.gather(
        history.transactions([transaction]), history.receipts([transaction])
    )
    if sent is None or receipt is None:
        return sent
    block = (await canonical_blocks(history, [receipt.block_number])).get(receipt.block_hash)
    return sent if block is None else Mined(sent, receipt, block)
