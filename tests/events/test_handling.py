"""A handler that fails keeps its place for a while, then its event waits apart; nobody else is held up."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from colonnade.attempts import ATTEMPTS
from colonnade.conditions import attribute
from colonnade.context import Context
from colonnade.errors import HandlerFailed, StoreUnavailable
from colonnade.events import EventHandler, Published
from colonnade.handling import HANDLE_AGAIN
from colonnade.outbox import OutboxRow
from colonnade.store import Update, Writes
from tests.events.relaying import Relaying
from tests.events.rows import BellRung, ring
from tests.events.test_relay import COUNT, COUNTING, counted


class Sore:
    """A handler that fails while `strokes` are among those that hurt it; `seen`: what it was given."""

    def __init__(self, *strokes: int, error: Exception | None = None) -> None:
        self.strokes = set(strokes)
        self.error = error or RuntimeError("ouch")
        self.seen: list[int] = []

    async def handle(self, context: Context, rung: BellRung, published: Published) -> Writes:
        self.seen.append(rung.stroke)
        if rung.stroke in self.strokes:
            raise self.error
        return Writes([Update(COUNT.key(bell="sore"), set={f"s{rung.stroke}": True})])


async def bring(relaying: Relaying, rows: Sequence[OutboxRow], times: int = 10) -> int:
    """Bring rows as a stream does, from the first that failed on, until none fails; how often that took."""
    for attempt in range(1, times + 1):
        failed = await relaying.relay.relay(rows)
        if not failed:
            return attempt
        rows = rows[next(n for n, row in enumerate(rows) if row.id in failed) :]
    raise AssertionError(f"still failing after {times} times")


async def test_later_events_of_the_topic_wait_for_one_that_failed() -> None:
    sore = Sore(2)
    relaying = Relaying([EventHandler("bells.sore", BellRung, sore.handle)])
    rows = await ring(relaying.memory, relaying.clock, "big", 3)

    assert await relaying.relay.relay(rows) == {rows[1].id, rows[2].id}
    assert sore.seen == [1, 2]
    sore.strokes.clear()
    assert await relaying.relay.relay(rows[1:]) == frozenset()
    assert sore.seen == [1, 2, 2, 3]


async def test_other_handlers_and_other_topics_go_on_meanwhile() -> None:
    sore = Sore(1)
    relaying = Relaying([EventHandler("bells.sore", BellRung, sore.handle), COUNTING])
    big = await ring(relaying.memory, relaying.clock, "big", 2)
    small = await ring(relaying.memory, relaying.clock, "small", 1, first=5)

    assert await relaying.relay.relay([*big, *small]) == {row.id for row in big}
    assert await counted(relaying, "big") == (2, "1,2,")
    assert await counted(relaying, "small") == (1, "5,")


async def test_after_three_attempts_the_event_is_set_aside_and_the_rest_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sore = Sore(1)
    relaying = Relaying([EventHandler("bells.sore", BellRung, sore.handle)])
    rows = await ring(relaying.memory, relaying.clock, "big", 2)

    with caplog.at_level(logging.ERROR):
        assert await bring(relaying, rows) == ATTEMPTS

    assert sore.seen == [1] * ATTEMPTS + [2]
    (record,) = caplog.records
    assert "set aside" in record.message
    fields: dict[str, Any] = record.fields  # type: ignore[attr-defined]
    assert (fields["plugin"], fields["handler"], fields["eventId"]) == ("bells", "bells.sore", rows[0].id)
    (message,) = relaying.jobs.messages
    assert message.body == {
        "job": HANDLE_AGAIN,
        "arguments": {"handler": "bells.sore", "event": rows[0].id},
    }
    assert message.delay_seconds > 0


async def test_what_is_set_aside_comes_back_in_the_trace_in_which_it_was_recorded() -> None:
    relaying = Relaying([EventHandler("bells.sore", BellRung, Sore(1).handle)])
    rows = await ring(relaying.memory, relaying.clock, "big", 2)
    await bring(relaying, [replace(row, traceparent=f"trace of {row.id}") for row in rows])
    (message,) = relaying.jobs.messages
    assert message.body["traceparent"] == f"trace of {rows[0].id}"


async def test_what_was_set_aside_takes_effect_once_when_the_queue_brings_it() -> None:
    sore = Sore(1)
    relaying = Relaying([EventHandler("bells.sore", BellRung, sore.handle), COUNTING])
    rows = await ring(relaying.memory, relaying.clock, "big", 1)
    await bring(relaying, rows)
    arguments = relaying.jobs.messages[0].body["arguments"]

    with pytest.raises(HandlerFailed, match="ouch"):
        await relaying.handling.again(arguments)
    sore.strokes.clear()
    for _ in range(2):
        await relaying.handling.again(arguments)
    await relaying.relay.relay(rows)

    item = await relaying.memory.get(COUNT.key(bell="sore"))
    assert item is not None
    assert item.attributes == {"s1": True}
    assert await counted(relaying) == (1, "1,")


async def test_a_queue_that_is_down_keeps_the_event_in_the_stream() -> None:
    sore = Sore(1)
    relaying = Relaying([EventHandler("bells.sore", BellRung, sore.handle)])
    rows = await ring(relaying.memory, relaying.clock, "big", 1)
    relaying.jobs.down = True

    with pytest.raises(AssertionError, match="still failing"):
        await bring(relaying, rows, times=6)
    relaying.jobs.down = False
    await bring(relaying, rows)

    assert len(relaying.jobs.messages) == 1


async def test_what_nobody_set_aside_is_not_brought_back() -> None:
    relaying = Relaying([COUNTING])
    rows = await ring(relaying.memory, relaying.clock, "big", 1)
    await relaying.relay.relay(rows)

    await relaying.handling.again({"handler": "bells.count", "event": rows[0].id})
    await relaying.handling.again({"handler": "bells.none", "event": "evt_none"})

    assert await counted(relaying) == (1, "1,")


async def test_bad_weather_of_the_store_is_not_the_handlers_fault() -> None:
    sore = Sore(1, error=StoreUnavailable("throttled"))
    relaying = Relaying([EventHandler("bells.sore", BellRung, sore.handle)])
    rows = await ring(relaying.memory, relaying.clock, "big", 1)

    for _ in range(3 * ATTEMPTS):
        assert await relaying.relay.relay(rows) == {rows[0].id}
    sore.strokes.clear()

    assert await relaying.relay.relay(rows) == frozenset()
    assert relaying.jobs.messages == []


async def test_a_handler_is_stopped_when_its_time_is_up() -> None:
    async def sleepy(context: Context, rung: BellRung, published: Published) -> Writes:
        await asyncio.Event().wait()
        return Writes()

    relaying = Relaying([EventHandler("bells.sleepy", BellRung, sleepy)], budget=0.01)
    rows = await ring(relaying.memory, relaying.clock, "big", 1)

    with pytest.raises(HandlerFailed, match=r"'bells': handler bells\.sleepy: .*took longer than 0\.01 s"):
        await relaying.handling.handle("bells.sleepy", (await published(relaying, rows))[0])


async def test_a_handler_that_returns_no_writes_is_told_so() -> None:
    async def forgetful(context: Context, rung: BellRung, published: Published) -> None:
        return None

    handler: Any = EventHandler("bells.forgetful", BellRung, forgetful)  # type: ignore[arg-type]
    relaying = Relaying([handler])
    rows = await ring(relaying.memory, relaying.clock, "big", 1)

    with pytest.raises(HandlerFailed, match=r"a handler returns Writes, as in Writes\(\), not None"):
        await relaying.handling.handle("bells.forgetful", (await published(relaying, rows))[0])


async def test_a_handler_reads_afresh_when_what_it_read_has_changed() -> None:
    relaying = Relaying()
    rows = await ring(relaying.memory, relaying.clock, "big", 1)
    rival = iter([True, True, False])

    async def careful(context: Context, rung: BellRung, published: Published) -> Writes:
        key = COUNT.key(bell="big")
        item = await context.store.get(key)
        version = item.attributes["version"] if item else 0
        if next(rival):  # somebody else writes in between
            await relaying.memory.transact(Writes([Update(key, add={"version": 1})]))
        unchanged = attribute("version").equals(version) if item else ~attribute("version").exists()
        return Writes([Update(key, add={"version": 1}, set={"by": "handler"}, condition=unchanged)])

    relaying.handlers = [EventHandler("bells.careful", BellRung, careful)]
    relaying.use(relaying.memory)

    assert await relaying.relay.relay(rows) == frozenset()
    item = await relaying.memory.get(COUNT.key(bell="big"))
    assert item is not None
    assert item.attributes == {"version": 3, "by": "handler"}


async def test_an_event_that_its_class_cannot_read_is_set_aside() -> None:
    relaying = Relaying([COUNTING])
    (row,) = await ring(relaying.memory, relaying.clock, "big", 1)
    broken = OutboxRow(row.id, row.topic, row.name, {"bell": "big"}, row.at)

    assert await bring(relaying, [broken]) == ATTEMPTS
    assert len(relaying.jobs.messages) == 1


async def test_what_handlers_record_is_an_event_of_its_own() -> None:
    async def echo(context: Context, rung: BellRung, published: Published) -> Writes:
        return Writes([context.record(BellRung(bell="echo", stroke=rung.stroke))])

    relaying = Relaying([EventHandler("bells.echo", BellRung, echo)])
    await relaying.relay.relay(await ring(relaying.memory, relaying.clock, "big", 1))

    puts = [
        key for key in relaying.memory._items if key.partition.startswith("colonnade#Outbox#bell.rung%23echo")
    ]
    assert len(puts) == 1


async def published(relaying: Relaying, rows: Sequence[OutboxRow]) -> Sequence[Published]:
    await relaying.log.append(rows)
    return await relaying.log.read(rows[0].topic, 0)


async def test_two_deliveries_of_one_event_at_once_take_effect_once() -> None:
    relaying = Relaying([COUNTING])
    event = (await published(relaying, await ring(relaying.memory, relaying.clock, "big", 1)))[0]

    await asyncio.gather(*(relaying.handling.handle("bells.count", event) for _ in range(5)))

    assert await counted(relaying) == (1, "1,")
