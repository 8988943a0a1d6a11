"""What a handler can never take is kept with its reason, and comes again when somebody says so: once, however often."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from colonnade.attempts import ATTEMPTS
from colonnade.dead_events import DeadEvent
from colonnade.errors import HandlerFailed, QueueUnavailable, StoreUnavailable
from colonnade.events import EventHandler
from colonnade.handling import ATTEMPTS_ASIDE
from colonnade.outbox import MARKED, OutboxRow
from colonnade.publishing import Delivery
from colonnade.replaying import Replaying, asked_for
from colonnade.store import Writes
from tests.events.relaying import Relaying
from tests.events.rows import BellRung, ring
from tests.events.test_handling import Sore, bring
from tests.events.test_relay import COUNT


async def nothing(*_: object) -> None:
    """Somebody who is not asked."""


def unreadable(record: str) -> OutboxRow:
    raise ValueError(f"no row: {record}")


def replaying(relaying: Relaying) -> Replaying:
    return Replaying(relaying.relay, nothing, nothing, unreadable)


async def dead_letter(relaying: Relaying, bell: str = "big") -> DeadEvent:
    """The letter of an event that a handler failed at until nobody brings it any more."""
    await bring(relaying, await ring(relaying.memory, relaying.clock, bell, 1))
    arguments = relaying.jobs.messages[-1].body["arguments"]
    for _ in range(ATTEMPTS_ASIDE - 1):
        with pytest.raises(HandlerFailed, match="ouch"):
            await relaying.handling.again(arguments)
    await relaying.handling.again(arguments)
    letters, _ = await relaying.handling.dead.listed("handler")
    return letters[0]


def sore() -> tuple[Sore, Relaying]:
    handler = Sore(1)
    return handler, Relaying([EventHandler("bells.sore", BellRung, handler.handle)])


async def strokes(relaying: Relaying) -> object:
    item = await relaying.memory.get(COUNT.key(bell="sore"))
    return None if item is None else item.attributes


async def test_a_letter_says_who_failed_why_since_when_and_how_often() -> None:
    _, relaying = sore()
    began = relaying.clock.now().isoformat()
    letter = await dead_letter(relaying)

    assert (letter.who, letter.reason, letter.attempts) == (
        "bells: bells.sore",
        "ouch",
        ATTEMPTS + ATTEMPTS_ASIDE,
    )
    assert (letter.state, letter.since, letter.last) == ("dead", began, began)
    assert (letter.topic, letter.sequence) == (BellRung.topic("big"), 1)


async def test_what_is_set_aside_is_in_the_list_while_it_is_still_tried() -> None:
    _, relaying = sore()
    await bring(relaying, await ring(relaying.memory, relaying.clock, "big", 1))

    letters, _ = await relaying.handling.dead.listed("handler")
    assert [(letter.state, letter.attempts) for letter in letters] == [("waiting", ATTEMPTS)]


async def test_what_takes_effect_in_the_end_leaves_no_letter() -> None:
    handler, relaying = sore()
    await bring(relaying, await ring(relaying.memory, relaying.clock, "big", 1))
    handler.strokes.clear()
    await relaying.handling.again(relaying.jobs.messages[0].body["arguments"])

    assert (await relaying.handling.dead.listed("handler"))[0] == []


async def test_a_replay_takes_effect_once_however_often_and_by_however_many_it_is_asked_for() -> None:
    handler, relaying = sore()
    letter = await dead_letter(relaying)
    handler.strokes.clear()
    rows = handler.seen.copy()

    await asyncio.gather(*(replaying(relaying).replay(letter.id) for _ in range(5)))
    await replaying(relaying).replay(letter.id)

    assert await strokes(relaying) == {"s1": True}
    assert len(handler.seen) <= len(rows) + 5
    assert await relaying.handling.dead.get(letter.id) is None


async def test_an_event_can_be_replayed_long_after_the_log_and_its_marks_forgot_it() -> None:
    handler, relaying = sore()
    letter = await dead_letter(relaying)
    relaying.clock.advance(MARKED + timedelta(days=20))
    handler.strokes.clear()

    await replaying(relaying).replay(letter.id)
    await replaying(relaying).replay(letter.id)

    assert handler.seen.count(1) == ATTEMPTS + ATTEMPTS_ASIDE + 1
    assert await strokes(relaying) == {"s1": True}


async def test_a_replay_that_fails_keeps_the_letter_with_its_new_reason() -> None:
    handler, relaying = sore()
    letter = await dead_letter(relaying)
    handler.error = RuntimeError("still sore")

    await replaying(relaying).replay(letter.id)

    kept = await relaying.handling.dead.get(letter.id)
    assert kept is not None
    assert (kept.reason, kept.attempts, kept.state) == ("still sore", letter.attempts + 1, "dead")


async def test_a_replay_for_a_handler_that_is_gone_says_so() -> None:
    _, relaying = sore()
    letter = await dead_letter(relaying)
    relaying.handlers = []
    relaying.use(relaying.memory)

    await replaying(relaying).replay(letter.id)

    kept = await relaying.handling.dead.get(letter.id)
    assert kept is not None
    assert "no plugin here declares the event handler bells.sore" in kept.reason


async def test_bad_weather_is_no_attempt_and_the_replay_comes_again() -> None:
    handler, relaying = sore()
    letter = await dead_letter(relaying)
    handler.error = StoreUnavailable("throttled")

    with pytest.raises(StoreUnavailable):
        await replaying(relaying).replay(letter.id)

    kept = await relaying.handling.dead.get(letter.id)
    assert kept is not None
    assert kept.attempts == letter.attempts


async def test_a_handler_with_nothing_to_write_ends_its_letter_too() -> None:
    _, relaying = sore()
    letter = await dead_letter(relaying)

    async def silent(*_: object) -> object:
        return Writes()

    relaying.handlers = [EventHandler("bells.sore", BellRung, silent)]  # type: ignore[arg-type]
    relaying.use(relaying.memory)
    await replaying(relaying).replay(letter.id)

    assert await relaying.handling.dead.get(letter.id) is None


async def test_a_delivery_and_a_record_are_replayed_by_whoever_failed_at_them() -> None:
    _, relaying = sore()
    dead = relaying.handling.dead
    delivered: list[Delivery] = []
    shown: list[tuple[str, str, int]] = []

    async def deliver(task: Delivery) -> None:
        delivered.append(task)

    async def show(topic: str, document: str, sequence: int) -> None:
        shown.append((topic, document, sequence))

    rows = await ring(relaying.memory, relaying.clock, "big", 1, first=2)
    whole = Replaying(relaying.relay, deliver, show, lambda _: rows[0])
    for letter in (
        dead.letter("delivery", ("a", "3"), "x", "down", topic="a", sequence=7, content={"part": 3}),
        dead.letter("showing", ("a",), "x", "down", topic="a", sequence=7, content={"document": "d"}),
        dead.letter("record", ("n",), "x", "no row", content={"record": "{}"}),
    ):
        await dead.keep(letter)
        for _ in range(2):
            await whole.replay(letter.id)
        assert await dead.get(letter.id) is None
    assert delivered == [Delivery("a", 7, part=3, brought_again=True)]
    assert shown == [("a", "d", 7)]
    assert await relaying.log.head(rows[0].topic) == 1
    assert await strokes(relaying) == {"s2": True}


async def test_a_record_that_still_cannot_be_read_stays_with_its_reason() -> None:
    _, relaying = sore()
    dead = relaying.handling.dead
    letter = dead.letter("record", ("n",), "the table's stream", "no row", content={"record": "{}"})
    assert await dead.keep(letter)
    assert not await dead.keep(letter), "what is brought again is the same letter"

    await replaying(relaying).replay(letter.id)

    kept = await dead.get(letter.id)
    assert kept is not None
    assert (kept.reason, kept.attempts) == ("no row: {}", 3)


async def test_a_replay_is_asked_for_in_the_queue_of_jobs() -> None:
    handler, relaying = sore()
    letter = await dead_letter(relaying)
    handler.strokes.clear()
    message = asked_for(letter.id)
    job = replaying(relaying).job()

    assert message.body["job"] == job.name
    await job.run(relaying.context("req"), message.body["arguments"])
    assert await strokes(relaying) == {"s1": True}


async def test_a_queue_that_is_down_as_an_event_is_set_aside_loses_nothing() -> None:
    _, relaying = sore()
    rows = await ring(relaying.memory, relaying.clock, "big", 1)
    relaying.jobs.down = True
    with pytest.raises((AssertionError, QueueUnavailable)):
        await bring(relaying, rows, times=5)
    relaying.jobs.down = False
    await bring(relaying, rows)

    assert len((await relaying.handling.dead.listed("handler"))[0]) == 1


async def test_lags_are_told_from_the_recording_to_the_number_and_to_each_handler() -> None:
    relaying = Relaying([EventHandler("bells.fine", BellRung, Sore().handle)])
    rows = await ring(relaying.memory, relaying.clock, "big", 1)
    relaying.clock.advance(timedelta(seconds=3))
    await relaying.relay.relay(rows)

    assert relaying.measures.told == [
        ("EventNumberingLag", 3_000.0, "Milliseconds", {}),
        ("EventHandlingLag", 3_000.0, "Milliseconds", {"handler": "bells.fine"}),
    ]
