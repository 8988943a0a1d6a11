"""Undoing a stretch of blocks: its rows go, and events say so."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from colonnade.indexing.journal import ROWS, Stretch
from colonnade.indexing.projecting import retracted
from colonnade.indexing.serving import raw
from colonnade.indexing.tracks import Track
from colonnade.store import Delete, Write, Writes

if TYPE_CHECKING:
    from colonnade.context import Context


async def undo(context: Context, track: Track, stretch: Stretch) -> None:
    """Delete the rows of a track's newest stretch and go back to the block before it.

    Each part is one transaction that counts itself, so that one who was killed, or overtaken, is continued.
    Raises `ConditionFailed` where another is at it, or the track became the one that readers see.
    """
    store = raw(context.store)
    known = stretch.ancestry.up_to(stretch.first - 1, stretch.before)
    back = replace(track.here.back(stretch.first - 1, stretch.before), marks=known.marks)
    # Whoever goes on must not take what is half gone for the whole.
    undoing = replace(track.here, begun=True)
    removed = stretch.removed
    here = track.here
    while True:
        rows = stretch.rows[removed : removed + ROWS]
        there = await store.batch_get(rows)
        writes: list[Write] = [Delete(row) for row in rows]
        for row in rows:
            if row in there:
                writes += retracted(context, track, there[row])
        if removed + len(rows) == len(stretch.rows):
            await store.transact(Writes([here.move(back), stretch.delete(removed), *writes]))
            return
        await store.transact(Writes([here.move(undoing), stretch.undo(removed, len(rows)), *writes]))
        here = undoing
        removed += len(rows)
