"""What events, subscribers and deliveries ask of the database: docs/operations-count.md, held to be true.

Counted at the `Store` port, each call of which is one request: `get` a GetItem, `transact` a TransactWriteItems, or
where it holds one write a PutItem, an UpdateItem or a DeleteItem.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.counting.ledger import listed, table
from tests.events.relaying import Relaying
from tests.events.rows import ring
from tests.subscriptions.stage import APPLAUDED, Stage
from tests.subscriptions.test_operations_counted import CountingStore, counted

ROOT = Path(__file__).parents[2]
DOCUMENTED = table((ROOT / "docs" / "operations-count.md").read_text(), "Events and subscriptions")

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


async def delivery(followers: int, principals: tuple[str, ...], document: str = APPLAUDED) -> Counter[str]:
    stage = Stage()
    for number in range(followers):
        await stage.follow(await stage.connect(principals[number % len(principals)]), document)
    await stage.publish("one")
    store = counted(stage)
    await stage.deliver()
    return store.counts


async def delivering_to_nobody() -> Counter[str]:
    return await delivery(0, ("eve",))


async def delivering_to_one() -> Counter[str]:
    return await delivery(1, ("eve",))


async def delivering_to_a_hundred_alike() -> Counter[str]:
    return await delivery(100, ("eve",))


async def delivering_to_three_groups() -> Counter[str]:
    return await delivery(30, ("eve", "bob", "carol"))


async def delivering_the_newest() -> Counter[str]:
    return await delivery(20, ("eve",), LATEST)


COUNTED: dict[str, Callable[[], Awaitable[Counter[str]]]] = {
    "publish one event": publishing_one,
    "publish 49 events of one topic": publishing_a_batch,
    "introduce a connection": introducing,
    "subscribe, where others follow alike": subscribing,
    "complete": completing,
    "disconnect with 20 subscriptions": leaving,
    "deliver an event that nobody follows": delivering_to_nobody,
    "deliver an event to one subscriber": delivering_to_one,
    "deliver an event to 100 subscribers alike": delivering_to_a_hundred_alike,
    "deliver an event to 30 subscribers in 3 groups": delivering_to_three_groups,
    "deliver a conflated event to 20 subscribers alike": delivering_the_newest,
}


def test_every_figure_is_counted_here() -> None:
    assert list(DOCUMENTED) == list(COUNTED)


@pytest.mark.parametrize("what", COUNTED)
async def test_each_costs_what_is_documented(what: str) -> None:
    assert listed(await COUNTED[what]()) == DOCUMENTED[what]
