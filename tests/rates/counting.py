"""A store that counts what it is asked, and fails or waits when told to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence

from colonnade.store import Item, Key, Page, Query, Store, Writes


class CountingStore:
    """A `Store` on another one. `before`: what happens before each call, as to fail."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.asked: Counter[str] = Counter()
        self.before: Callable[[], Awaitable[None]] | None = None

    async def _count(self, name: str) -> None:
        self.asked[name] += 1
        if self.before is not None:
            await self.before()

    async def get(self, key: Key) -> Item | None:
        await self._count("get")
        return await self._store.get(key)

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        await self._count("batch_get")
        return await self._store.batch_get(keys)

    async def query(self, query: Query) -> Page:
        await self._count("query")
        return await self._store.query(query)

    async def transact(self, writes: Writes) -> None:
        await self._count("transact")
        await self._store.transact(writes)

    async def increment(self, key: Key, name: str, by: int = 1) -> int:
        await self._count("increment")
        return await self._store.increment(key, name, by)
