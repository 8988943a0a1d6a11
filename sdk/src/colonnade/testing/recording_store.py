"""A store that notes which events are recorded, in the place of the stream that a deployment has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from colonnade.outbox import OUTBOX, OutboxRow
from colonnade.store import Item, Key, Page, Put, Query, Store, Writes

_OUTBOX: Final = f"{OUTBOX.plugin}#{OUTBOX.name}#"


class RecordingStore:
    """A `Store` that passes everything on to another, and keeps the rows of the outbox that were committed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rows: list[OutboxRow] = []

    def recorded(self) -> Sequence[OutboxRow]:
        """What was recorded since this was last asked, in the order of commits."""
        rows, self._rows = self._rows, []
        return rows

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
        """See `Store.transact`."""
        await self._store.transact(writes)
        self._rows += [
            OutboxRow.of(write.item.attributes)
            for write in writes
            if isinstance(write, Put) and write.key.partition.startswith(_OUTBOX)
        ]

    async def increment(self, key: Key, name: str, by: int = 1) -> int:
        """See `Store.increment`."""
        return await self._store.increment(key, name, by)
