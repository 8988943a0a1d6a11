"""Writing what was made of a stretch of blocks, in parts of one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

from colonnade.indexing.journal import ROWS, Checkpoint, Stretch
from colonnade.indexing.landmarks import Landmarks
from colonnade.indexing.reach import Reach
from colonnade.indexing.reading import Read
from colonnade.indexing.serving import raw
from colonnade.indexing.tracks import Track
from colonnade.store import MAX_WRITES, Key, Put, Writes

if TYPE_CHECKING:
    from colonnade.context import Context

Made: TypeAlias = "Sequence[tuple[Key, Writes]]"
"""Where a track keeps rows, each with the writes that keep and announce it."""

_TOGETHER: Final = MAX_WRITES


async def write_all(
    context: Context, tracks: Sequence[Track], found: Read, made: Sequence[Made], reach: Reach
) -> None:
    """Bring tracks that stand at one block to the last that was found, each with what was made for it; those without rows together."""
    moves: list[Put] = []
    for track, units in zip(tracks, made, strict=True):
        if not units:
            moves.append(track.here.move(_at(track.here, found, reach)))
    for at in range(0, len(moves), _TOGETHER):
        await raw(context.store).transact(Writes(moves[at : at + _TOGETHER]))
    for track, units in zip(tracks, made, strict=True):
        if units:
            await write(context, track, found, units, reach, None)


async def write(
    context: Context, track: Track, found: Read, made: Made, reach: Reach, begun: Stretch | None
) -> bool:
    """Commit what was made above the track's checkpoint, from the part that `begun` has come to; False where that was
    made of other rows.
    """
    store, here = raw(context.store), track.here
    rows = tuple(key for key, _ in made)
    if begun is not None and begun.rows != rows:
        return False
    to = _at(here, found, reach)
    if begun is not None:
        to = replace(to, marks=begun.marks)
    units = [writes for _, writes in made]
    parts = [units[at : at + ROWS] for at in range(0, len(units), ROWS)]
    stretch = Stretch(here.chain, track.name, here.number + 1, to.number, to.hash, here.hash, rows, to.marks)
    for number in range(begun.written if begun else 0, len(parts)):
        journal = stretch.advance(number) if number else stretch.put(context.clock.now())
        after = to if number == len(parts) - 1 else replace(here, begun=True)
        await store.transact(Writes([here.move(after), journal, *chain.from_iterable(parts[number])]))
        here = after
    return True


def _at(here: Checkpoint, found: Read, reach: Reach) -> Checkpoint:
    passed = Landmarks.of(here.landmarks)
    before = (here.number, here.hash) if here.hash else (found.blocks[0].number, found.blocks[0].hash)
    passed = passed.passed(*before)
    return replace(
        here,
        number=found.last.number,
        hash=found.last.hash,
        begun=False,
        reach=reach,
        marks=here.ancestry.followed(found.blocks).marks,
        landmarks=passed.packed,
    )
