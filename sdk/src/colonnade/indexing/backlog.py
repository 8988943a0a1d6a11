"""How far behind the chain each projection is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colonnade.chain_logs import ChainLogs
from colonnade.chains import ChainId
from colonnade.indexing.journal import CHECKPOINT, Checkpoint
from colonnade.indexing.tracks import generations_of, items_of, track_name
from colonnade.store import Store


@dataclass(frozen=True, slots=True)
class Backlog:
    """One generation of one projection's rows. `serves`: whether readers see it; else it is built. `indexed`: the last
    block that it has everything of, None where it has not begun; `behind`: blocks from there to the head, None where
    one of the two is not known.
    """

    projection: str
    generation: int
    serves: bool
    indexed: int | None
    behind: int | None


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
        indexed = None if item is None else Checkpoint.of(chain, track, item.attributes).number
        behind = None if head is None or indexed is None else max(0, head - indexed)
        told.append(Backlog(name, generation, serves, indexed, behind))
    return told
