"""What following and delivering cost, in operations of the store, the log and the sockets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from colonnade.store import Item, Key, Page, Query, Store, Writes
from colonnade.topic_log import TopicLog
from tests.subscriptions.stage import APPLAUDED, Stage


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


def counted(stage: Stage) -> CountingStore:
    """The stage's store from now on, the log's too."""
    store = CountingStore(stage.kept)
    stage.use(replace(stage.ports, store=store, log=TopicLog(store, stage.clock)))
    return store


async def test_an_introduction_is_one_write() -> None:
    stage = Stage()
    store = counted(stage)
    await stage.connect()
    assert store.counts == {"transact": 1}


async def test_the_first_to_follow_pays_for_what_is_shared() -> None:
    stage = Stage()
    client = await stage.connect()
    store = counted(stage)
    await stage.follow(client)
    # The connection, the head, the end of the log; what is shared; the log; the group, the mark, the rows, the flip.
    assert store.counts == {"get": 3, "batch_get": 1, "query": 1, "transact": 4}


async def test_those_who_follow_later_pay_for_themselves() -> None:
    stage = Stage()
    await stage.follow(await stage.connect())
    client = await stage.connect()
    store = counted(stage)
    await stage.follow(client)
    assert store.counts == {"get": 3, "batch_get": 1, "query": 1, "transact": 2}


async def test_completing_is_a_read_and_a_write() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    store = counted(stage)
    await stage.say(client, id="1", type="complete")
    assert store.counts == {"get": 1, "transact": 1}


async def test_a_query_over_a_socket_is_one_read() -> None:
    stage = Stage()
    client = await stage.connect()
    store = counted(stage)
    await stage.follow(client, "{ whoami }")
    assert store.counts == {"get": 1}


async def test_an_event_nobody_follows_is_one_read() -> None:
    stage = Stage()
    await stage.publish("one")
    store = counted(stage)
    await stage.deliver()
    assert store.counts == {"get": 1}


async def test_any_number_of_subscribers_of_one_group_cost_a_delivery_the_same() -> None:
    costs: list[Counter[str]] = []
    for number in (1, 100, 400):
        stage = Stage()
        clients = [await stage.connect() for _ in range(number)]
        for client in clients:
            await stage.follow(client)
        await stage.publish("one", "two")
        store = counted(stage)
        await stage.deliver()
        assert all(stage.texts(client) == ["one", "two"] for client in clients)
        costs.append(store.counts)
    # The mark, the group; the subscribers, the log; the mark again.
    assert costs == [{"get": 2, "query": 2, "transact": 1}] * 3


async def test_each_group_costs_a_delivery_one_read_more() -> None:
    stage = Stage()
    for principal in ("eve", "bob", "carol"):
        await stage.follow(await stage.connect(principal))
    await stage.publish("one")
    store = counted(stage)
    await stage.deliver()
    assert store.counts == {"get": 4, "query": 2, "transact": 1}


async def test_a_conflated_event_costs_a_group_two_writes() -> None:
    stage = Stage()
    for _ in range(20):
        await stage.follow(await stage.connect(), 'subscription { latest(creator: "ada") { node { text } } }')
    await stage.publish("one")
    store = counted(stage)
    await stage.deliver()
    # The mark, the group; the subscribers, the log; the claim, what was sent, the mark again.
    assert store.counts == {"get": 2, "query": 2, "transact": 3}


async def test_a_disconnect_writes_once_for_the_mark_and_once_for_everything_else() -> None:
    stage = Stage()
    client = await stage.connect()
    for number in range(20):
        await stage.follow(client, APPLAUDED, id=str(number))
    store = counted(stage)
    await stage.transport.closed(client)
    assert store.counts == {"query": 1, "transact": 2}
