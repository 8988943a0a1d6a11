"""Mending a track: going back where the chain took blocks back, and ending what somebody began."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from colonnade.chains import BlockRef, ChainHistory, Finality
from colonnade.errors import BlockVanished, LogRangeTooWide
from colonnade.indexing.journal import Stretch, newest
from colonnade.indexing.landmarks import Landmarks
from colonnade.indexing.projecting import projected
from colonnade.indexing.reading import read
from colonnade.indexing.rewinding import undo
from colonnade.indexing.serving import raw
from colonnade.indexing.tracks import Track
from colonnade.indexing.writing import write
from colonnade.store import Writes

if TYPE_CHECKING:
    from colonnade.context import Context

FORGOTTEN: Final = 2_000
"""Blocks, of which more are never taken back by a chain that becomes final: what went before was of another."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mending:
    """Mends the tracks of a chain whose head is `head`."""

    context: Context
    history: ChainHistory
    head: BlockRef

    async def stands(self, number: int, block_hash: bytes) -> bool | None:
        """Whether the chain has this block, of whose hash the beginning is enough; None where its head is below it.

        Raises `BlockVanished` where the node has no block there although it is told of a head above.
        """
        (block,) = await self.history.blocks([number])
        if block is not None:
            return block.hash[: len(block_hash)] == block_hash
        if number <= self.head.number:
            raise BlockVanished(f"no node has block {number} of chain {self.head.chain_id} yet: look again")
        return None

    async def is_another(self, track: Track) -> bool:
        """Whether a chain whose head is below the track's checkpoint is known to be another; else the node is behind.

        A node that is behind must not take back what is true: nothing is, where it cannot be told.
        """
        agrees = track.here.ancestry.agrees(self.head)
        last = None if agrees is not None else await self._newest(track)
        if last is not None and last.last > self.head.number:
            agrees = last.ancestry.agrees(self.head)
        if agrees is not None:
            return not agrees
        places = [*Landmarks.of(track.here.landmarks).up_to(self.head.number).places[-1:]]
        if (known := await self._newest(track, begun_by=self.head.number + 1)) is not None:
            whole = known.last <= self.head.number
            places.append((known.last, known.hash) if whole else (known.first - 1, known.before))
        number, block_hash = max(places, default=(0, b""))
        return bool(block_hash) and not await self.stands(number, block_hash)

    async def rewind(self, track: Track) -> None:
        """Go back to the last block that is known to stand: by one stretch, or past blocks that wrote nothing."""
        last = await self._newest(track)
        if last is not None and not await self.stands(last.last, last.hash):
            await undo(self.context, track, last)
            return
        back = track.before_the_start(self.head.number)
        if last is not None:
            back = replace(track.here.back(last.last, last.hash), marks=last.ancestry.marks)
        standing, lost = await self._places(track, back.number)
        if standing is not None:
            back = track.here.back(standing.number, standing.hash)
        elif not track.here.landmarks:
            # A checkpoint from before there were landmarks: what is final now was so when it was indexed.
            final = await self.history.head(Finality.FINALIZED)
            if back.number < final.number < lost:
                back = track.here.back(final.number, final.hash)
        if track.here.number - back.number > FORGOTTEN:
            back = replace(back, unsure=True)
            fields = {"projection": track.projection.name, "from": track.here.number, "to": back.number}
            _log.error("An index went back further than it remembers: rebuild it", extra={"fields": fields})
        await raw(self.context.store).transact(Writes([track.here.move(back)]))

    async def _places(self, track: Track, above: int) -> tuple[BlockRef | None, int]:
        """The highest block above `above` that is remembered and stands, None where none does; and the height of the
        lowest remembered one that does not."""
        here = track.here
        known = dict([*Landmarks.of(here.landmarks).places, *here.ancestry.places])
        numbers = sorted((number for number in known if above < number <= self.head.number), reverse=True)
        lost = here.number
        blocks = await self.history.blocks(numbers) if numbers else ()
        for number, block in zip(numbers, blocks, strict=True):
            if block is None:
                raise BlockVanished(
                    f"no node has block {number} of chain {self.head.chain_id} yet: look again"
                )
            if block.hash[: len(known[number])] == known[number]:
                return block, lost
            lost = number
        return None, lost

    async def finish(self, track: Track) -> None:
        """Write the rest of a stretch that somebody began to write, or undo it where it can no longer be told what that
        was; undo the rest of one that somebody began to undo.
        """
        here, begun = track.here, await self._newest(track)
        if begun is None or (begun.last <= here.number and not begun.removed):
            # It has expired since: it was begun so long ago that it is for an operator to look at.
            await raw(self.context.store).transact(Writes([here.move(replace(here, begun=False))]))
            return
        if begun.removed:
            await undo(self.context, track, begun)
            return
        if here.hash:
            stands = await self.stands(here.number, here.hash)
            if stands is None and not await self.is_another(track):
                raise BlockVanished(f"no node has block {here.number} of chain {here.chain} yet: look again")
            if not stands:
                await undo(self.context, track, begun)
                return
        if not await self._write_rest(track, begun):
            await undo(self.context, track, begun)

    async def _write_rest(self, track: Track, begun: Stretch) -> bool:
        """Whether the rest of it could be written: the chain and the projection say what they said then."""
        try:
            found = await read(self.history, [track.projection], begun.first, begun.last)
        except LogRangeTooWide:
            return False
        if found.last.hash != begun.hash:
            return False
        made = [unit for _, one in found.transactions for unit in await projected(self.context, track, one)]
        return await write(self.context, track, found, made, track.here.reach, begun)

    async def _newest(self, track: Track, begun_by: int | None = None) -> Stretch | None:
        page = await raw(self.context.store).query(newest(track.here.chain, track.name, begun_by))
        return Stretch.of(track.here.chain, track.name, page.items[0].attributes) if page.items else None
