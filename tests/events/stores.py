"""Stores that count, and stores that fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from colonnade.errors import StoreUnavailable
from colonnade.store import Item, Key, Page, Query, Store, Writes


class CountingStore:
    """Counts what a store is asked; `transactions`: the writes of each."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.gets = 0
        self.queries = 0
        self.transactions: list[int] = []

    async def get(self, key: Key) -> Item | None:
        self.gets += 1
        return await self._store.get(key)

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        self.gets += 1
        return await self._store.batch_get(keys)

    async def query(self, query: Query) -> Page:
        self.queries += 1
        return await self._store.query(query)

    async def transact(self, writes: Writes) -> None:
        self.transactions.append(len(writes))
        await self._store.transact(writes)

    async def increment(self, key: Key, name: str, by: int = 1) -> int:
        return await self._store.increment(key, name, by)


class FailingStore:
    """Gives no answer to the transactions numbered in `lost`, from 0: every other one of them was committed."""

    def __init__(self, store: Store, lost: set[int]) -> None:
        self._store = store
        self._lost = lost
        self._number = -1

    async def get(self, key: Key) -> Item | None:
        return await self._store.get(key)

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        return await self._store.batch_get(keys)

    async def query(self, query: Query) -> Page:
        return await self._store.query(query)

    async def transact(self, writes: Writes) -> None:
        self._number += 1
        if self._number in self._lost:
            if self._number % 2:
                await self._store.transact(writes)
            raise StoreUnavailable("no answer")
        await self._store.transact(writes)

    async def increment(self, key: Key, name: str, by: int = 1) -> int:
        return await self._store.increment(key, name, by)
