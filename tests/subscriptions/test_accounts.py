"""What an account may have and follow, counted exactly, in whatever order its connections come, follow and go."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from colonnade.store import Delete, Writes
from colonnade.subscriptions.rows import CONNECTED, CONNECTION, FOLLOWING
from tests.soak.cases import cases
from tests.subscriptions.stage import APPLAUDED, Stage
from tests.subscriptions.workers import Workers


async def counts(stage: Stage, account: str = "eve") -> tuple[Any, Any]:
    item = await stage.kept.get(FOLLOWING.key(principal=account))
    return (item.attributes["connections"], item.attributes["subscriptions"]) if item else (0, 0)


async def test_an_account_follows_so_much_on_all_its_connections() -> None:
    stage = Stage()
    stage.limit(account_subscriptions=3)
    one, two = await stage.connect(), await stage.connect()
    for number in range(2):
        await stage.follow(one, id=str(number))
        await stage.follow(two, id=str(number))

    assert stage.codes(one) == []
    assert stage.codes(two) == ["TOO_MANY_SUBSCRIPTIONS"]
    await stage.say(one, type="complete", id="0")
    await stage.follow(two, id="again")
    assert stage.codes(two) == ["TOO_MANY_SUBSCRIPTIONS"]
    assert await counts(stage) == (2, 3)


async def test_other_accounts_and_nobody_are_not_bound_by_it() -> None:
    stage = Stage()
    stage.limit(account_subscriptions=1, account_connections=1)
    for credentials in ("eve", "bob", None, None):
        client = await stage.connect(credentials)
        await stage.follow(client)
        assert stage.codes(client) == []


async def test_a_connection_too_many_is_acknowledged_and_told_of_each_operation_why() -> None:
    stage = Stage()
    stage.limit(account_connections=1)
    first, second = await stage.connect(), await stage.connect()
    await stage.follow(second)
    await stage.follow(second, "{ whoami }", id="2")

    assert stage.codes(second) == ["TOO_MANY_CONNECTIONS"] * 2
    await stage.transport.closed(first)
    third = await stage.connect()
    await stage.follow(third)
    assert stage.codes(third) == []
    await stage.transport.closed(second)
    assert await counts(stage) == (1, 1)


async def test_an_end_that_is_told_twice_counts_once() -> None:
    stage = Stage()
    one, two = await stage.connect(), await stage.connect()
    await stage.follow(one)
    await stage.follow(two)

    await asyncio.gather(*(stage.transport.closed(one) for _ in range(3)))

    assert await counts(stage) == (1, 1)


async def test_counts_that_expired_keep_nobody_from_leaving() -> None:
    stage = Stage()
    client = await stage.connect()
    await stage.follow(client)
    await stage.kept.transact(Writes([Delete(FOLLOWING.key(principal="eve"))]))

    await stage.say(client, type="complete", id="1")
    await stage.transport.closed(client)

    assert await counts(stage) == (0, 0)


class Crowd:
    """Connections of one account that come, follow, complete, go and are killed at it, in the order that is drawn."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.workers = Workers(random, kills=0, faults=0)
        self.stage = self.workers.stage
        self.stage.use(self.workers.rough)
        self.stage.limit(account_connections=4, account_subscriptions=5, subscriptions=3)

    async def run(self) -> None:
        stage, order = self.stage, self.workers.order
        clients = [f"client-{number}" for number in range(6)]
        for client in clients:
            stage.sockets.open(client)
            order.start(self.live(client))
        while await order.step() or self.workers.take():
            pass
        assert order.failures == []
        living: list[int] = []
        for client in clients:
            item = await stage.kept.get(CONNECTION.key(connection=client))
            assert item is not None
            if item.attributes["state"] == "acknowledged" and item.attributes["account"]:
                living.append(cast(int, item.attributes["active"]))
        assert await counts(stage) == (len(living), sum(living))
        assert len(living) <= 4
        assert sum(living) <= 5
        for client in clients:
            order.start(stage.transport.closed(client))
        while await order.step() or self.workers.take():
            pass
        assert await counts(stage) == (0, 0)

    async def live(self, client: str) -> None:
        stage, random = self.stage, self.random
        await stage.say(client, type="connection_init", payload={"authorization": "Bearer eve"})
        for _ in range(random.randrange(7)):
            what = random.randrange(5)
            if what < 3:
                await stage.follow(client, APPLAUDED, id=str(random.randrange(3)))
            elif what == 3:
                await stage.say(client, type="complete", id=str(random.randrange(3)))
            else:
                await asyncio.gather(
                    stage.say(client, type="complete", id="1"), stage.follow(client, APPLAUDED, id="1")
                )
        if random.random() < 0.4:
            await asyncio.gather(*(stage.transport.closed(client) for _ in range(2)))


@cases(15)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_the_counts_are_those_of_the_rows_in_whatever_order_things_happen(seed: int) -> None:
    async def play() -> None:
        await Crowd(Random(seed)).run()

    asyncio.run(play())


async def test_the_counts_outlive_the_connections() -> None:
    stage = Stage()
    await stage.connect()
    stage.clock.advance(CONNECTED)
    assert await counts(stage) == (1, 0)
