"""A store that holds plugins to what they declare."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from colonnade.entities import Entity
from colonnade.errors import InvalidWrite
from colonnade.store import Item, Key, Page, Query, Store, Writes


class DeclaredStore:
    """A `Store` that refuses to write what is no item of one of `entities`.

    A deployment would take such a write, and never find the item again when it moves or erases a plugin's data.
    """

    def __init__(self, store: Store, entities: Iterable[Entity]) -> None:
        self._store = store
        self._declared = {(entity.plugin, entity.name) for entity in entities}

    async def get(self, key: Key) -> Item | None:
        """See `Store.get`."""
        return await self._store.get(key)

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        """See `Store.batch_get`."""
        return await self._store.batch_get(keys)

    async def query(self, query: Query) -> Page:
        """See `Store.query`."""
        return await self._store.query(query)

    async def transact(self, writes: Writes) -> None:
        """See `Store.transact`. Raises `InvalidWrite` for an item of an entity that was not declared, too."""
        for write in writes:
            self._check(write.key)
        await self._store.transact(writes)

    async def increment(self, key: Key, name: str, by: int = 1) -> int:
        """See `Store.increment`. Raises `InvalidWrite` for an item of an entity that was not declared, too."""
        self._check(key)
        return await self._store.increment(key, name, by)

    def _check(self, key: Key) -> None:
        plugin, _, rest = key.partition.partition("#")
        entity = rest.partition("#")[0]
        if (plugin, entity) not in self._declared:
            raise InvalidWrite(
                f"{key.partition!r} is no item of an entity declared here; "
                "return its Entity from the `entities` hook"
            )
