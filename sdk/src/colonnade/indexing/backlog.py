"""How far behind the chain each projection is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from colonnade.chain_logs import ChainLogs
from colonnade.chains import ChainId
from colonnade.indexing.journal import CHECKPOINT, Checkpoint
from colonnade.indexing.tracks import generations_of, items_of, track_name
from colonnade.store import Store

NEAR: Final = 64
"""Blocks: a head that is below the index by no more is one that a node has not seen yet; more is worth a word."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """One generation of one projection's rows. `serves`: whether readers see it; else it is built. `indexed`: the last
    block that it has everything of, None where it has not begun; `behind`: blocks from there to the head, None where
    one of the two is not known; `beyond`: blocks by which it is above the head.

    `mending`: whether a stretch of blocks is half written, or half taken back. `unsure`: whether rows of another chain may
    be left, which a rebuild ends. `retired`: older generations whose rows wait to be swept, told with the one that serves.
    """

    projection: str
    generation: int
    serves: bool
    indexed: int | None
    behind: int | None
    mending: bool = False
    unsure: bool = False
    retired: Sequence[int] = ()
    beyond: int = 0

    def with_head(self, head: int | None) -> Backlog:
        """The same beside the newest block's number, None where that is not known."""
        if head is None or self.indexed is None:
            return replace(self, behind=None, beyond=0)
        return replace(self, behind=max(0, head - self.indexed), beyond=max(0, self.indexed - head))


async def backlogs(
    store: Store, chain: ChainId, projections: Sequence[ChainLogs], head: int | None
) -> Sequence[Backlog]:
    """The backlog of each projection of a chain, in their order, of what serves first. `head`: the newest block's number,
    None where no endpoint says it. Two reads; raises `StoreError`.
    """
    ours = [projection for projection in projections if projection.chain_id == chain]
    known = await generations_of(store, ours)
    places = [
        (name, generation, generation == generations.serving)
        for name, generations in known.items()
        for generation in (generations.serving, generations.building)
        if generation is not None
    ]
    keys = [CHECKPOINT.key(chain=chain, track=track_name(name, generation)) for name, generation, _ in places]
    found = await items_of(store, keys)
    told: list[Backlog] = []
    for (name, generation, serves), key in zip(places, keys, strict=True):
        item = found.get(key)
        track = track_name(name, generation)
        here = None if item is None else Checkpoint.of(chain, track, item.attributes)
        one = Backlog(
            name,
            generation,
            serves,
            None if here is None else here.number,
            None,
            mending=here is not None and here.begun,
            unsure=here is not None and here.unsure,
            retired=known[name].retired if serves else (),
        )
        told.append(one.with_head(head))
    return told
