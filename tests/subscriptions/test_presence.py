"""Connections that nobody says are over are found by looking, and everything of them goes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from colonnade.store import Writes
from colonnade.subscriptions import presence
from colonnade.subscriptions.looks import FIRST_LOOK, SPREAD
from colonnade.subscriptions.rows import CONNECTED, CONNECTION, SUBSCRIBER
from tests.subscriptions.applause import deprived, signed_out
from tests.subscriptions.stage import ADA, Stage
from tests.subscriptions.test_accounts import counts
from tests.subscriptions.test_operations_counted import counted

SHARED = 'subscription { heard(creator: "ada") { node { text } } }'
FIRST = timedelta(seconds=FIRST_LOOK + SPREAD + 60)


@pytest.fixture(autouse=True)
def _all_as_before() -> Iterator[None]:
    yield
    signed_out.clear()
    deprived.clear()


async def look_until(stage: Stage, span: timedelta) -> None:
    """A look each minute for so long."""
    for _ in range(int(span.total_seconds()) // 60):
        stage.clock.advance(timedelta(minutes=1))
        await presence.look(stage.ports)


async def followers(stage: Stage) -> int:
    return len((await stage.kept.query(SUBSCRIBER.query(topic=ADA))).items)


async def test_a_connection_that_died_silently_is_found_and_counts_no_more() -> None:
    stage = Stage()
    await presence.look(stage.ports)
    gone, here = await stage.connect(), await stage.connect()
    for client in (gone, here):
        await stage.follow(client)
    stage.sockets.leave(gone)

    await look_until(stage, FIRST)

    assert await followers(stage) == 1
    assert await counts(stage) == (1, 1)
    assert {"type": "ping"} in stage.heard(here)


async def test_a_connection_that_lives_is_pinged_now_and_then_and_no_more() -> None:
    stage = Stage()
    await presence.look(stage.ports)
    client = await stage.connect()
    await stage.follow(client)

    await look_until(stage, timedelta(hours=1, minutes=50))

    pings = [message for message in stage.heard(client) if message["type"] == "ping"]
    assert 2 <= len(pings) <= 4
    assert await followers(stage) == 1


async def test_a_connection_older_than_any_can_be_is_over_whatever_the_gateway_says() -> None:
    stage = Stage()
    await presence.look(stage.ports)
    client = await stage.connect()
    await look_until(stage, CONNECTED + timedelta(minutes=10))

    item = await stage.kept.get(CONNECTION.key(connection=client))
    assert item is None or item.attributes["state"] == "closed"
    assert await counts(stage) == (0, 0)


async def test_after_a_time_without_looks_all_that_was_due_is_looked_at() -> None:
    stage = Stage()
    await presence.look(stage.ports)
    clients = [await stage.connect() for _ in range(5)]
    for client in clients:
        stage.sockets.leave(client)
    stage.clock.advance(timedelta(hours=20))

    await presence.look(stage.ports)

    assert await counts(stage) == (0, 0)


async def test_a_turn_that_takes_too_long_leaves_the_rest_to_the_next() -> None:
    stage = Stage()
    await presence.look(stage.ports)
    for _ in range(3):
        stage.sockets.leave(await stage.connect())
    stage.clock.advance(timedelta(hours=3))
    turns = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(presence, "_TURN_SECONDS", 0)
        while (await counts(stage))[0]:
            turns += 1
            assert turns < 1_000
            await presence.look(stage.ports)
    assert turns > 1


async def test_a_minute_in_which_nobody_is_due_is_two_reads_and_a_write() -> None:
    stage = Stage()
    await presence.look(stage.ports)
    stage.clock.advance(timedelta(minutes=1))
    store = counted(stage)
    await presence.look(stage.ports)
    assert store.counts == {"get": 1, "query": 1, "transact": 1}


@pytest.mark.parametrize("how", [signed_out, deprived])
async def test_whoever_follows_what_all_are_shown_alike_is_looked_at_too(how: set[str]) -> None:
    stage = Stage()
    await presence.look(stage.ports)
    client, other = await stage.connect("listener"), await stage.connect("bob")
    await stage.follow(client, SHARED)
    await stage.follow(other, SHARED)
    how.add("listener")

    await look_until(stage, FIRST)
    await stage.give("one")

    assert stage.codes(client) == ["UNAUTHENTICATED"]
    assert stage.texts(client, "heard") == []
    assert stage.texts(other, "heard") == ["one"]


async def test_who_was_refused_is_pinged_on_and_not_refused_again(monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[str] = []
    refuse = vars(presence)["refuse"]

    async def noting(ports: object, connection: str, *more: object) -> None:
        refused.append(connection)
        await refuse(ports, connection, *more)

    monkeypatch.setattr(presence, "refuse", noting)
    stage = Stage()
    await presence.look(stage.ports)
    client = await stage.connect("listener")
    await stage.follow(client, SHARED)
    signed_out.add("listener")

    await look_until(stage, timedelta(hours=1, minutes=50))

    assert refused == [client]
    assert len([message for message in stage.heard(client) if message["type"] == "ping"]) >= 2


async def test_an_end_that_was_killed_halfway_is_finished_by_the_look() -> None:
    stage = Stage()
    await presence.look(stage.ports)
    client = await stage.connect()
    await stage.follow(client)
    item = await stage.kept.get(CONNECTION.key(connection=client))
    assert item is not None
    closed = CONNECTION.put({**item.attributes, "state": "closed"}, expires_at=stage.ports.now() + 7_200)
    await stage.kept.transact(Writes([closed]))

    await look_until(stage, FIRST)

    assert await followers(stage) == 0
