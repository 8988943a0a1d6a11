"""What readers see of projections: the generation that serves, wherever its rows stand.

Plugins read the rows of a projection by its entities, as if there were one generation. The store of a context looks up
which one serves, at most every few seconds, and asks for that one's rows; keys, and positions in lists, are given as
plugins know them, so that a cursor from before a switch goes on after it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from colonnade.chain_logs import ChainLogs
from colonnade.indexing.generations import (
    FIRST,
    GENERATIONS,
    Generations,
    head_of,
    heads_of,
    moved,
    moved_item,
)
from colonnade.store import Check, Delete, Item, Key, Page, Position, Put, Query, Store, Update, Write, Writes

KNOWN: Final = 5.0
"""Seconds for which a process goes by what it read of generations. Rows of a retired one are kept for longer."""


@dataclass(slots=True)
class Serving:
    """Which generations serve, as far as this process knows. `clock`: seconds, monotonic."""

    store: Store
    projections: Mapping[str, str]
    clock: Callable[[], float] = time.monotonic
    _read: dict[str, tuple[float, int]] = field(default_factory=dict[str, tuple[float, int]])

    @classmethod
    def of(cls, store: Store, projections: Sequence[ChainLogs]) -> Serving:
        """Those of `projections`, by the beginnings of their rows' partitions."""
        return cls(store, {head: one.name for one in projections for head in heads_of(one)})

    async def generation(self, partition: str) -> int:
        """The generation that serves the rows of this partition; the first for what no projection makes."""
        projection = self.projections.get(head_of(partition))
        if projection is None:
            return FIRST
        known = self._read.get(projection)
        if known is None or self.clock() - known[0] >= KNOWN:
            item = await self.store.get(GENERATIONS.key(projection=projection))
            serving = FIRST if item is None else Generations.of(item).serving
            known = self._read[projection] = (self.clock(), serving)
        return known[1]


class ServingStore:
    """A `Store` that gives the generation of each projection that serves in the place of the first."""

    def __init__(self, inner: Store, serving: Serving) -> None:
        self.inner: Final = inner
        self._serving: Final = serving
        self.increment = inner.increment

    async def get(self, key: Key) -> Item | None:
        """See `Store.get`."""
        generation = await self._serving.generation(key.partition)
        item = await self.inner.get(moved(key, generation))
        return item and moved_item(item, FIRST, generation)

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        """See `Store.batch_get`."""
        at = {key: await self._serving.generation(key.partition) for key in keys}
        if all(generation == FIRST for generation in at.values()):
            return await self.inner.batch_get(keys)
        found = await self.inner.batch_get([moved(key, generation) for key, generation in at.items()])
        return {
            key: moved_item(found[place], FIRST, generation)
            for key, generation in at.items()
            if (place := moved(key, generation)) in found
        }

    async def query(self, query: Query) -> Page:
        """See `Store.query`."""
        generation = await self._serving.generation(query.partition)
        if generation == FIRST:
            return await self.inner.query(query)
        partition = moved(Key(query.partition, ""), generation).partition
        after = query.after and _moved(query.after, generation, FIRST)
        page = await self.inner.query(replace(query, partition=partition, after=after))
        rows = tuple(moved_item(item, FIRST, generation) for item in page.items)
        return Page(rows, page.next and _moved(page.next, FIRST, generation))

    async def transact(self, writes: Writes) -> None:
        """See `Store.transact`."""
        placed = [_placed(write, await self._serving.generation(write.key.partition)) for write in writes]
        await self.inner.transact(Writes(placed))


def serving_store(store: Store, projections: Sequence[tuple[str, ChainLogs]]) -> Store:
    """The store as plugins see it. `projections`: those of all plugins, each with its plugin."""
    return ServingStore(store, Serving.of(store, [projection for _, projection in projections]))


def raw(store: Store) -> Store:
    """The store in which each generation stands where it is."""
    return store.inner if isinstance(store, ServingStore) else store


def _moved(position: Position, to: int, of: int) -> Position:
    index_key = position.index_key and moved(position.index_key, to, of)
    return Position(moved(position.key, to, of), index_key)


def _placed(write: Write, generation: int) -> Write:
    if generation == FIRST:
        return write
    if isinstance(write, Put):
        return replace(write, item=moved_item(write.item, generation))
    key = moved(write.key, generation)
    if isinstance(write, Update):
        places = {slot: place and moved(place, generation) for slot, place in write.index_keys.items()}
        return replace(write, key=key, index_keys=places)
    return Delete(key, write.condition) if isinstance(write, Delete) else Check(key, write.condition)
