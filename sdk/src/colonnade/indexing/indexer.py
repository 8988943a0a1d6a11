"""The log indexer: one pass over a chain's logs for all plugins, and back when the chain takes blocks back.

Each projection has a checkpoint of its own. Those that stand at the same block are read in one pass; one that is new, or
that is built anew, catches up from its own start until it stands where the others do. Every stretch of blocks is written
by conditional transactions, the last of which moves the checkpoint, so that two indexers, or one that was killed, write
nothing twice and leave nothing out. Rows that a reorganisation made untrue are deleted, newest first, down to a block that
is still there.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from colonnade.chain_logs import ChainLogs
from colonnade.chains import BlockRef, ChainHistory
from colonnade.errors import ChainShorter, ChainTimeout, ChainUnavailable, LogRangeTooWide
from colonnade.indexing.ancestry import BLOCKS
from colonnade.indexing.mending import Mending
from colonnade.indexing.projecting import projected
from colonnade.indexing.reach import PATIENCE, Reach
from colonnade.indexing.reading import Read, read
from colonnade.indexing.serving import raw
from colonnade.indexing.tracks import Track, closed, tracks_of
from colonnade.indexing.writing import Made, write_all
from colonnade.store import Writes

if TYPE_CHECKING:
    from colonnade.context import Context

MOST_TRANSACTIONS: Final = 500
"""Transactions of the chain in one stretch; a block is never cut."""

MOST_ROWS: Final = 2_000
"""Rows of one stretch, all of which its row in the journal names; a block is never cut."""

NEAR: Final = 64
"""Blocks: a track that is behind the first by no more belongs to what a head is announced after."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Step:
    """What one look came to. `more`: whether there is more to do; `live`: whether all tracks that follow the head have
    reached it; `failure`: why a track that catches up did not get on.
    """

    more: bool
    live: bool
    failure: ChainUnavailable | None = None


@dataclass(frozen=True, slots=True)
class Indexer:
    """Indexes one chain. `start`: the first block to look at, or None for the head that is first seen; nothing before
    it is ever indexed. `seconds`: a monotonic clock.

    `context`: on whose ports it works. Raises what they raise, `ConditionFailed` where another indexer was faster, and
    `BlockVanished` where the chain changed while it was read: in every case the next `advance` goes on.
    """

    context: Context
    history: ChainHistory
    projections: Sequence[ChainLogs]
    start: int | None
    seconds: Callable[[], float] = time.monotonic

    async def advance(self, head: BlockRef) -> bool:
        """As `step`; whether there is more to do."""
        step = await self.step(head)
        if step.failure is not None:
            raise step.failure
        return step.more

    async def step(self, head: BlockRef) -> Step:
        """Index one stretch of each group of tracks, at most to `head`, or undo what is no longer true."""
        store = raw(self.context.store)
        now = self.context.clock.now()
        tracks = await tracks_of(store, head.chain_id, self.projections, head.number, self.start, now)
        if await self._switch(tracks, head):
            return Step(more=True, live=False)
        mending = Mending(self.context, self.history, head)
        begun = [track for track in tracks if track.here.begun]
        for track in begun:
            await mending.finish(track)
        if begun:
            return Step(more=True, live=False)
        front = max((min(t.here.number, head.number) for t in tracks if t.serves), default=head.number)
        return await self._groups(tracks, front, head, mending)

    async def _groups(self, tracks: Sequence[Track], front: int, head: BlockRef, mending: Mending) -> Step:
        groups: dict[tuple[int, bytes], list[Track]] = {}
        for track in sorted(tracks, key=lambda track: -track.here.number):
            groups.setdefault((track.here.number, track.here.hash), []).append(track)
        more, live = False, True
        failure: ChainUnavailable | None = None
        for (number, _), group in groups.items():
            follows = any(track.serves for track in group)
            # Who catches up stops where the first stand, so as to go on with them.
            limit = head.number if follows and number >= front else front
            try:
                left, reached = await self._advance(group, limit, head, mending)
            except ChainShorter as error:
                failure, left, reached, live = failure or error, False, number, False
            except ChainUnavailable as error:
                if follows and number >= front - NEAR:
                    raise
                failure, left, reached = failure or error, False, number
            # What was built is to be let serve at the next look.
            more |= left or (reached != number and not all(track.serves for track in group))
            if follows and number >= front - NEAR:
                live &= reached >= head.number
        return Step(more, live, failure)

    async def _advance(
        self, group: Sequence[Track], limit: int, head: BlockRef, mending: Mending
    ) -> tuple[bool, int]:
        """Index one stretch of tracks that stand at one block; whether there is more to do, and where they stand."""
        here = group[0].here
        if here.hash:
            stands = await mending.stands(here.number, here.hash)
            if stands is None and not any([await mending.is_another(track) for track in group]):
                if here.number - head.number > NEAR:
                    raise ChainShorter(
                        f"chain {head.chain_id} ends at block {head.number}, and its index has {here.number}: it waits, see "
                        "the runbook"
                    )
                return False, here.number
            if not stands:
                for track in group:
                    await mending.rewind(track)
                return True, -1
        if here.number >= limit:
            return False, here.number
        reach = min((track.here.reach for track in group), key=lambda reach: reach.blocks)
        last = min(limit, here.number + reach.blocks)
        if here.number < head.number - NEAR:
            # What may be taken back soon is not in one stretch with what came long before: it would go with it.
            last = min(last, head.number - NEAR)
        since = None
        if not here.hash:
            # A few at first, all of which are looked at: the first of them is what another chain is told by.
            last = min(last, here.number + NEAR)
        if not here.hash or last >= head.number - NEAR:
            since = here.number + 1
            if here.hash and not all(track.here.ancestry.whole for track in group):
                since -= BLOCKS
        found, made, reach = await self._read(group, here.number + 1, last, reach, since)
        await write_all(self.context, group, found, made, reach)
        return found.last.number < head.number, found.last.number

    async def _read(
        self, group: Sequence[Track], first: int, last: int, reach: Reach, since: int | None
    ) -> tuple[Read, Sequence[Made], Reach]:
        """As many blocks from `first` as one stretch can hold the rows of, what each track makes of them, and how many
        to ask for next.
        """
        while True:
            begun = self.seconds()
            try:
                found = await read(self.history, _projections(group), first, last, MOST_TRANSACTIONS, since)
            except (LogRangeTooWide, ChainTimeout):
                if first == last:
                    raise
                reach = reach.narrower(last - first + 1)
                last = first + reach.blocks - 1
                continue
            took = self.seconds() - begun
            made = [await made_of(self.context, track, found) for track in group]
            answered = found.last.number - first + 1
            if answered > 1 and max(map(len, made)) > MOST_ROWS:
                last = first + answered // 2 - 1
                continue
            if took > PATIENCE and last > first:
                return found, made, reach.narrower(last - first + 1)
            if found.last.number < last:
                return found, made, replace(reach, blocks=min(reach.blocks, 2 * answered))
            return found, made, reach.wider(answered)

    async def _switch(self, tracks: Sequence[Track], head: BlockRef) -> bool:
        """Let a generation serve that has come as far as the one that does; whether there was one.

        Where the one that serves is far above the head, as after a chain began anew, one that an operator has built comes
        only as far as the head.
        """
        serving = {track.projection.name: track for track in tracks if track.serves}
        for built in tracks:
            old = serving.get(built.projection.name)
            if built.serves or old is None or built.here.begun or old.here.begun or not built.here.hash:
                continue
            asked_for = built.generations.building_filters == built.generations.filters
            beyond = asked_for and old.here.number - head.number > NEAR and built.here.number >= head.number
            if not beyond and (built.here.number, built.here.hash) != (old.here.number, old.here.hash):
                continue
            writes = [
                built.generations.switch().put(),
                old.here.move(closed(old.here)),
                built.here.move(replace(built.here, tells=True)),
            ]
            await raw(self.context.store).transact(Writes(writes))
            fields = {"projection": built.projection.name, "generation": built.generation}
            _log.info("A projection serves its new generation", extra={"fields": fields})
            return True
        return False


async def made_of(context: Context, track: Track, found: Read) -> Made:
    """Where a track keeps rows of what was read, each with its writes."""
    return [
        unit
        for projection, transaction in found.transactions
        if projection.name == track.projection.name
        for unit in await projected(context, track, transaction)
    ]


def _projections(group: Sequence[Track]) -> Sequence[ChainLogs]:
    return list({track.projection.name: track.projection for track in group}.values())
