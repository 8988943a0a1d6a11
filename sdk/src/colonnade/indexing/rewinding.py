"""Undoing a stretch of blocks: its rows go, and events say so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from colonnade.chain_logs import ChainLogs
from colonnade.indexing.journal import ROWS, Checkpoint, Stretch
from colonnade.indexing.projecting import retracted
from colonnade.store import Delete, Write, Writes

if TYPE_CHECKING:
    from colonnade.context import Context


async def undo(
    context: Context, projections: Sequence[ChainLogs], here: Checkpoint, stretch: Stretch
) -> None:
    """Delete the rows of the newest stretch and go back to the block before it; `here` is the checkpoint.

    Each part is one transaction that counts itself, so that one who was killed, or overtaken, is continued.
    Raises `ConditionFailed` where another is at it.
    """
    named = {projection.name: projection for projection in projections}
    back = Checkpoint(stretch.chain, stretch.first - 1, stretch.before)
    removed = stretch.removed
    while True:
        rows = stretch.rows[removed : removed + ROWS]
        there = await context.store.batch_get([row.key for row in rows])
        writes: list[Write] = [Delete(row.key) for row in rows]
        for row in rows:
            projection = named.get(row.projection)
            if projection is not None and row.key in there:
                writes += retracted(context, projection, there[row.key])
        if removed + len(rows) == len(stretch.rows):
            await context.store.transact(Writes([here.move(back), stretch.delete(removed), *writes]))
            return
        await context.store.transact(Writes([stretch.undo(removed, len(rows)), *writes]))
        removed += len(rows)
