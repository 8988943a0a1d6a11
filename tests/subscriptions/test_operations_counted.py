"""What following costs the store, beside the figures of docs/operations-count.md, which `tests/counting` has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from colonnade.store import Item, Key, Page, Query, Store, Writes
from colonnade.topic_log import TopicLog
from tests.subscriptions.stage import Stage


@dataclass
class CountingStore:
    """A store that counts what it is asked for."""

    inner: Store
    counts: Counter[str] = field(default_factory=Counter)

    async def get(self, key: Key) -> Item | None:
        self.counts["get"] += 1
        return await self.inner.get(key)

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        self.counts["batch_get"] += 1
        return await self.inner.batch_get(keys)

    async def query(self, query: Query) -> Page:
        self.counts["query"] += 1
        return await self.inner.query(query)

    async def transact(self, writes: Writes) -> None:
        self.counts["transact"] += 1
        await self.inner.transact(writes)

    async def increment(self, key: Key, name: str, by: int = 1) -> int:
        self.counts["increment"] += 1
        return await self.inner.increment(key, name, by)


def counted(stage: Stage) -> CountingStore:
    """The stage's store from now on, the log's too."""
    store = CountingStore(stage.kept)
    stage.use(replace(stage.ports, store=store, log=TopicLog(store, stage.clock)))
    return store


async def test_the_first_to_follow_pays_for_what_is_shared() -> None:
    stage = Stage()
    client = await stage.connect()
    store = counted(stage)
    await stage.follow(client)
    # The connection, the head, the end of the log; what is shared; the log; the group, the mark, the rows, the flip.
    assert store.counts == {"get": 3, "batch_get": 1, "query": 1, "transact": 4}


async def test_a_query_over_a_socket_is_one_read() -> None:
    stage = Stage()
    client = await stage.connect()
    store = counted(stage)
    await stage.follow(client, "{ whoami }")
    assert store.counts == {"get": 1}
