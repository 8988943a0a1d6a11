"""What events, subscribers and deliveries ask of the database: docs/operations-count.md, held to be true.

Counted at the `Store` port, each call of which is one request: `get` a GetItem, `transact` a TransactWriteItems, or
where it holds one write a PutItem, an UpdateItem or a DeleteItem; and at the `Connections` port, where each `post` is a
request to the gateway.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import pytest

from colonnade.testing.scripted_connections import ScriptedConnections
from tests.counting.ledger import listed, table
from tests.events.relaying import Relaying
from tests.events.rows import ring
from tests.subscriptions.stage import APPLAUDED, Stage
from tests.subscriptions.test_operations_counted import CountingStore, counted

ROOT = Path(__file__).parents[2]
DOCUMENTED = table((ROOT / "docs" / "operations-count.md").read_text(), "Events and subscriptions")

SHARED = 'subscription { heard(creator: "ada") { node { text } } }'
LATEST = 'subscription { latest(creator: "ada") { node { text } } }'


async def publication(events: int) -> Counter[str]:
    relaying = Relaying()
    rows = await ring(relaying.memory, relaying.clock, "big", events)
    store = CountingStore(relaying.memory)
    relaying.use(store)
    await relaying.relay.relay(rows)
    return store.counts


async def publishing_one() -> Counter[str]:
    return await publication(1)


async def publishing_a_batch() -> Counter[str]:
    return await publication(49)


async def introducing() -> Counter[str]:
    stage = Stage()
    store = counted(stage)
    await stage.connect()
    return store.counts


async def subscribing() -> Counter[str]:
    stage = Stage()
    await stage.follow(await stage.connect())
    client = await stage.connect()
    store = counted(stage)
    await stage.follow(client)
    return store.counts


async def completing() -> Counter[str]:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    store = counted(stage)
    await stage.say(client, id="1", type="complete")
    return store.counts


async def leaving() -> Counter[str]:
    stage = Stage()
    client = await stage.connect()
    for number in range(20):
        await stage.follow(client, APPLAUDED, id=str(number))
    store = counted(stage)
    await stage.transport.closed(client)
    return store.counts


class Posts(ScriptedConnections):
    """Counts posts, those that fail too."""

    count = 0

    async def post(self, connection_id: str, text: str) -> None:
        self.count += 1
        await super().post(connection_id, text)


async def delivery(followers: int, principals: int, document: str = APPLAUDED) -> Counter[str]:
    stage = Stage(sockets=(posts := Posts()))
    for number in range(followers):
        await stage.follow(await stage.connect(f"eve {number % principals}"), document)
    await stage.publish("one")
    store = counted(stage)
    posts.count = 0
    await stage.deliver()
    return store.counts + Counter(post=posts.count)


COUNTED: dict[str, Callable[[], Awaitable[Counter[str]]]] = {
    "publish one event": publishing_one,
    "publish 49 events of one topic": publishing_a_batch,
    "introduce a connection": introducing,
    "subscribe, where others follow alike": subscribing,
    "complete": completing,
    "disconnect with 20 subscriptions": leaving,
    "deliver an event that nobody follows": partial(delivery, 0, 1),
    "deliver an event to one subscriber": partial(delivery, 1, 1),
    "deliver an event to 10 subscribers alike": partial(delivery, 10, 1),
    "deliver an event to 100 subscribers alike": partial(delivery, 100, 1),
    "deliver an event to 30 subscribers in 3 groups": partial(delivery, 30, 3),
    "deliver an event to 100 subscribers, each with a principal": partial(delivery, 100, 100),
    "deliver an event of a shared field to 100 principals": partial(delivery, 100, 100, SHARED),
    "deliver an event to 1,000 subscribers alike": partial(delivery, 1_000, 1),
    "deliver a conflated event to 20 subscribers alike": partial(delivery, 20, 1, LATEST),
}


def test_every_figure_is_counted_here() -> None:
    assert list(DOCUMENTED) == list(COUNTED)


@pytest.mark.parametrize("what", COUNTED)
async def test_each_costs_what_is_documented(what: str) -> None:
    assert listed(await COUNTED[what]()) == DOCUMENTED[what]
