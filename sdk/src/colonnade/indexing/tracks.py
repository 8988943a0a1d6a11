"""The tracks of a chain: for each projection the generation that serves, and the one that is built if there is one."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from colonnade.chain_logs import ChainLogs
from colonnade.chains import ChainId
from colonnade.errors import ConditionFailed
from colonnade.indexing.adopting import adopted
from colonnade.indexing.generations import FIRST, GENERATIONS, Generations, filters_of
from colonnade.indexing.journal import CHECKPOINT, Checkpoint
from colonnade.store import MAX_KEYS, Item, Key, Store, Writes

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Track:
    """One generation of one projection's rows, and how far it is. `start`: the first block that is looked at, or None
    for the head that is first seen.
    """

    projection: ChainLogs
    generations: Generations
    generation: int
    here: Checkpoint
    start: int | None

    @property
    def name(self) -> str:
        """What its checkpoint and its journal are called."""
        return self.here.track

    @property
    def serves(self) -> bool:
        """Whether readers see its rows."""
        return self.generation == self.generations.serving

    def before_the_start(self, head: int) -> Checkpoint:
        """Where it begins."""
        return self.here.back((head if self.start is None else self.start) - 1, b"")


def track_name(projection: str, generation: int) -> str:
    """What the checkpoint and the journal of a generation are called."""
    return f"{projection}@{generation}"


def closed(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint of a generation that nobody may go on with."""
    return replace(checkpoint, number=-1, hash=b"closed", begun=False, tells=False)


def is_closed(checkpoint: Checkpoint) -> bool:
    """Whether its generation was given up."""
    return checkpoint.number < 0 and checkpoint.hash == b"closed"


async def generations_of(store: Store, projections: Sequence[ChainLogs]) -> Mapping[str, Generations]:
    """The generations of each projection that is known here, by its name."""
    keys = {projection.name: GENERATIONS.key(projection=projection.name) for projection in projections}
    found = await items_of(store, list(keys.values()))
    return {name: Generations.of(found[key]) for name, key in keys.items() if key in found}


async def tracks_of(
    store: Store,
    chain: ChainId,
    projections: Sequence[ChainLogs],
    head: int,
    start: int | None,
    now: datetime,
) -> list[Track]:
    """The tracks of `projections`, those that serve first. What is new here is registered; what wants other logs than its
    rows were made of is given a generation that is built. Who was indexed before projections had checkpoints of their own
    goes on from there.
    """
    known = dict(await generations_of(store, projections))
    for projection in projections:
        settled = await _settle(store, projection, known.get(projection.name))
        known[projection.name] = settled
    wanted = [
        (projection, known[projection.name], generation)
        for projection in projections
        for generation in _followed(known[projection.name])
    ]
    keys = [
        CHECKPOINT.key(chain=chain, track=track_name(projection.name, generation))
        for projection, _, generation in wanted
    ]
    found = await items_of(store, keys)
    former: Mapping[str, Checkpoint] = {}
    if met := {
        projection.name: track_name(projection.name, generation)
        for (projection, _, generation), key in zip(wanted, keys, strict=True)
        if key not in found and generation == FIRST
    }:
        former = await adopted(store, chain, met, now)
    tracks = [
        _track(chain, projection, generations, generation, found.get(key), former, head, start)
        for (projection, generations, generation), key in zip(wanted, keys, strict=True)
    ]
    return sorted(
        (track for track in tracks if not is_closed(track.here)), key=lambda track: not track.serves
    )


def _followed(generations: Generations) -> Sequence[int]:
    building = generations.building
    return [generations.serving] if building is None else [generations.serving, building]


async def _settle(store: Store, projection: ChainLogs, known: Generations | None) -> Generations:
    """The generations, after what has to be decided of them."""
    wanted = filters_of(projection)
    if known is None:
        known = changed = Generations.first(projection)
    elif known.filters == wanted or (known.building is not None and known.building_filters == wanted):
        return known
    elif not projection.entities:
        fields = {"projection": projection.name}
        _log.warning(
            "A projection wants other logs and names no entities: not made anew", extra={"fields": fields}
        )
        changed = replace(known, filters=wanted)
    else:
        changed = known.build(wanted)
    try:
        await store.transact(Writes([changed.put()]))
    except ConditionFailed:
        item = await store.get(GENERATIONS.key(projection=projection.name))
        return Generations.of(item) if item is not None else known
    return replace(changed, revision=changed.revision + 1)


def _track(
    chain: ChainId,
    projection: ChainLogs,
    generations: Generations,
    generation: int,
    item: Item | None,
    former: Mapping[str, Checkpoint],
    head: int,
    floor: int | None,
) -> Track:
    name = track_name(projection.name, generation)
    serves = generation == generations.serving
    start = _start(projection, None if serves else generations.start, floor)
    if item is not None:
        here = Checkpoint.of(chain, name, item.attributes)
    elif generation == FIRST and projection.name in former:
        here = former[projection.name]
    else:
        here = Checkpoint(chain, name, (head if start is None else start) - 1, b"", tells=serves)
    return Track(projection, generations, generation, here, start)


def _start(projection: ChainLogs, asked: int | None, floor: int | None) -> int | None:
    """The first block: what an operator asked for, else the projection's own, but none before the deployment's."""
    if asked is not None:
        return asked
    if projection.start is None or floor is None:
        return floor if projection.start is None else projection.start
    return max(projection.start, floor)


async def items_of(store: Store, keys: Sequence[Key]) -> Mapping[Key, Item]:
    """The items that exist among any number of `keys`."""
    found: dict[Key, Item] = {}
    for at in range(0, len(keys), MAX_KEYS):
        found |= await store.batch_get(keys[at : at + MAX_KEYS])
    return found
