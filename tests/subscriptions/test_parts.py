"""A topic with very many subscribers is spread over parts, each delivered for itself; nobody's order changes."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import ConnectionThrottled
from colonnade.publishing import Delivery
from colonnade.subscriptions import delivery, parts
from colonnade.subscriptions.rows import DELIVERED, GROUPED, SUBSCRIBER
from colonnade.telemetry.measures import NO_MEASURES
from colonnade.telemetry.recording import Telemetry
from tests.soak.cases import cases
from tests.subscriptions.applause import executions as executed
from tests.subscriptions.audiences import audience
from tests.subscriptions.stage import ADA, APPLAUDED, Stage
from tests.subscriptions.test_any_order import Play
from tests.subscriptions.test_operations_counted import counted

SHARED = 'subscription { heard(creator: "ada") { node { text } } }'
LATEST = 'subscription { latest(creator: "ada") { sequence kind node { text } } }'


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of four, of which each who joins is counted."""
    monkeypatch.setattr(parts, "MEMBERS", 4)
    monkeypatch.setattr(parts, "SAMPLE", 1)


async def crowd(document: str, size: int) -> tuple[Stage, list[str]]:
    stage = Stage()
    stage.use(replace(stage.ports, chance=lambda: 0.0))
    clients: list[str] = []
    for number in range(size):
        clients.append(await stage.connect("eve", f"client-{number}"))
        await stage.follow(clients[-1], document)
        stage.sockets.sent[clients[-1]].clear()
    return stage, clients


async def sizes(stage: Stage) -> list[int]:
    found = [
        await stage.kept.query(SUBSCRIBER.query(topic=parts.part_name(ADA, part), limit=1_000))
        for part in range(8)
    ]
    return [len(page.items) for page in found]


async def deliver_all(stage: Stage) -> int:
    tasks = 0
    while messages := stage.deliveries.take():
        for message in messages:
            tasks += 1
            await stage.deliverer.deliver(Delivery.of(message.body))
    return tasks


@pytest.mark.parametrize(
    ("joined", "wanted"),
    [(0, 1), (20_000, 1), (20_001, 2), (40_001, 4), (10**6, 64), (10**9, 64)],
)
def test_parts_double_as_more_join(joined: int, wanted: int) -> None:
    assert parts.wanted(joined) == wanted


def test_parts_are_about_as_large_as_one_another() -> None:
    members = Counter(parts.part_for(f"Zx{number:x}=", 64) for number in range(64_000))
    assert len(members) == 64
    assert 800 < min(members.values()) <= max(members.values()) < 1_200


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("document", [APPLAUDED, SHARED])
async def test_newcomers_are_spread_and_each_is_sent_everything_in_order(document: str) -> None:
    stage, clients = await crowd(document, 30)
    name = "heard" if document is SHARED else "applauded"
    assert sum(await sizes(stage)) == 30
    assert all(size > 0 for size in await sizes(stage)), "eight parts of which none is empty"

    for text in ("one", "two", "three"):
        await stage.publish(text)
        assert await deliver_all(stage) == 8

    assert all(stage.texts(client, name) == ["one", "two", "three"] for client in clients)


@pytest.mark.usefixtures("_small")
async def test_parts_and_what_a_delivery_leaves_to_a_worker_are_of_its_trace() -> None:
    stage, _ = await crowd(SHARED, 30)
    await stage.publish("one")
    (message,) = stage.deliveries.take()
    stage.tasks.take()
    await stage.deliverer.deliver(Delivery.of({**message.body, "traceparent": "trace of the event"}))
    others = [Delivery.of(other.body) for other in stage.deliveries.take()]
    assert {other.part: other.traceparent for other in others} == dict.fromkeys(
        range(1, 8), "trace of the event"
    )

    with Telemetry(NO_MEASURES).recording("deliver") as record:
        record.passed_on = "trace of the delivery"
        await stage.ports.later("toil", {"hard": True})
    assert [left.body for left in stage.tasks.take()] == [
        {"job": "toil", "arguments": {"hard": True}, "traceparent": "trace of the delivery"}
    ]


@pytest.mark.usefixtures("_small")
async def test_whoever_completes_or_leaves_is_out_of_its_part() -> None:
    stage, clients = await crowd(APPLAUDED, 24)
    for client in clients[:12]:
        await stage.say(client, type="complete", id="1")
    for client in clients[12:]:
        await stage.transport.closed(client)
    assert sum(await sizes(stage)) == 0


@pytest.mark.usefixtures("_small")
async def test_a_conflated_group_is_sent_the_newest_in_each_part_and_heartbeats() -> None:
    stage, clients = await crowd(LATEST, 24)
    await stage.publish("one")
    await deliver_all(stage)
    assert all(stage.texts(client, "latest") == ["one"] for client in clients)
    for client in clients:
        stage.sockets.sent[client].clear()

    stage.clock.advance(timedelta(minutes=1))
    await stage.deliverer.heartbeat()

    assert {m["payload"]["data"]["latest"]["kind"] for c in clients for m in stage.heard(c)} == {"HEARTBEAT"}
    assert all(len(stage.heard(client)) == 1 for client in clients)


@pytest.mark.usefixtures("_small")
async def test_a_group_that_falls_behind_in_a_part_is_caught_up_there() -> None:

    stage, clients = await crowd(APPLAUDED, 24)
    for client in clients:
        stage.sockets.fail(client, *[ConnectionThrottled("too fast")] * 3)
    await stage.publish("one")
    await deliver_all(stage)
    await stage.publish("two")
    await deliver_all(stage)
    await stage.work_on_all()
    assert all(stage.texts(client) == ["one", "two"] for client in clients)


@pytest.mark.usefixtures("_small")
async def test_the_other_parts_begin_also_where_the_first_is_done() -> None:
    stage, clients = await crowd(APPLAUDED, 24)
    await stage.publish("one")
    first = stage.deliveries.take()
    through = await stage.publish("two")
    # The walk for the first event goes as far as the log does; only the other parts' tasks say no more than "one".
    for message in first:
        await stage.deliverer.deliver(Delivery.of(message.body))
    mark = await stage.kept.get(DELIVERED.key(topic=ADA))
    assert mark is not None
    assert mark.attributes["through"] == through
    await deliver_all(stage)
    assert all(stage.texts(client) == ["one", "two"] for client in clients)


@pytest.mark.usefixtures("_small")
async def test_a_topic_is_one_part_again_when_those_who_spread_it_are_gone() -> None:
    stage, clients = await crowd(APPLAUDED, 24)
    for client in clients:
        await stage.transport.closed(client)
    stage.clock.advance(GROUPED)
    late = await stage.connect("eve", "late")
    await stage.follow(late)
    await stage.publish("one")

    assert await deliver_all(stage) == 1
    assert stage.texts(late) == ["one"]


async def test_a_topic_with_few_subscribers_costs_nothing_more() -> None:
    stage = Stage()
    await stage.follow(await stage.connect())
    client = await stage.connect()
    store = counted(stage)
    await stage.follow(client)
    assert store.counts["batch_get"] == 1
    stage.deliveries.take()
    await stage.publish("one")
    assert await deliver_all(stage) == 1


@pytest.mark.parametrize(("document", "executions"), [(SHARED, 1), (APPLAUDED, 300)])
async def test_an_audience_is_made_cheaply_and_is_an_audience(document: str, executions: int) -> None:

    stage = Stage()
    connections = await audience(stage, document, 300, principals=300)
    executed.clear()
    await stage.give("one")
    assert len(executed) == executions
    name = "heard" if document is SHARED else "applauded"
    assert all(stage.texts(connection, name) == ["one"] for connection in connections)


async def play(seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        many: Any = lambda joined: 4  # noqa: E731
        patch.setattr(parts, "wanted", many)
        patch.setattr(delivery, "PLACES", Random(seed).choice([2, 500]))
        await Play(Random(seed)).run()


@cases(8)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_each_stream_equals_the_log_where_the_topic_is_parted(seed: int) -> None:
    asyncio.run(play(seed))
