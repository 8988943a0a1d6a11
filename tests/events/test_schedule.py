"""Each tick asks for the jobs whose turn has come: once a turn, late rather than never."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import QueueUnavailable
from colonnade.queues import Message, Queue
from colonnade.schedule import Schedule
from colonnade.testing import FrozenClock, MemoryStore
from colonnade.testing.memory_queue import MemoryQueue
from infra.dynamodb import DynamoDBSettings, DynamoDBStore

MINUTE = timedelta(minutes=1)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)


def schedule(
    every: Mapping[str, timedelta], queue: Queue, at: datetime = MIDNIGHT
) -> tuple[Schedule, FrozenClock]:
    clock = FrozenClock(at)
    return Schedule(every, MemoryStore(clock), clock, queue), clock


def ticks(found: Schedule) -> Sequence[str]:
    return asyncio.run(found.tick())


def test_a_turn_is_asked_for_once_and_the_next_when_its_time_has_come() -> None:
    queue = MemoryQueue()
    found, clock = schedule({"often": MINUTE, "seldom": timedelta(hours=1)}, queue)

    assert ticks(found) == ["often", "seldom"]
    clock.advance(timedelta(seconds=59))
    assert ticks(found) == []
    clock.advance(timedelta(seconds=1))
    assert ticks(found) == ["often"]
    clock.advance(59 * MINUTE)
    assert ticks(found) == ["often", "seldom"]
    assert [message.body for message in queue.messages[:2]] == [
        {"job": "often", "arguments": {}},
        {"job": "seldom", "arguments": {}},
    ]


def test_turns_that_were_missed_are_made_up_for_by_one() -> None:
    found, clock = schedule({"seldom": timedelta(hours=1)}, MemoryQueue())
    ticks(found)
    clock.advance(timedelta(hours=5, minutes=30))

    assert ticks(found) == ["seldom"]
    assert ticks(found) == []


def test_a_turn_that_the_queue_did_not_take_is_asked_for_at_the_next_tick() -> None:
    class Broken(MemoryQueue):
        down = True

        async def send(self, messages: Sequence[Message]) -> None:
            if self.down:
                raise QueueUnavailable("not now")
            await super().send(messages)

    queue = Broken()
    found, _ = schedule({"often": MINUTE}, queue)

    with pytest.raises(QueueUnavailable):
        ticks(found)
    queue.down = False

    assert ticks(found) == ["often"]


def test_a_clock_that_goes_back_brings_no_turn_again() -> None:
    found, _ = schedule({"often": MINUTE}, MemoryQueue())
    ticks(found)

    behind = FrozenClock(MIDNIGHT - timedelta(minutes=5))
    assert ticks(Schedule(found.every, found.store, behind, found.queue)) == []


def test_a_clock_that_was_a_year_ahead_for_a_moment_silences_no_job() -> None:
    queue = MemoryQueue()
    wrong, _ = schedule({"often": MINUTE}, queue, MIDNIGHT + timedelta(days=365))
    ticks(wrong)
    right = FrozenClock(MIDNIGHT)
    found = Schedule(wrong.every, wrong.store, right, queue)

    assert ticks(found) == ["often"]
    assert ticks(found) == []
    right.advance(MINUTE)
    assert ticks(found) == ["often"]


def test_a_job_that_becomes_seldom_waits_for_its_own_turn_only() -> None:
    queue = MemoryQueue()
    often, clock = schedule({"it": MINUTE}, queue)
    ticks(often)
    clock.advance(timedelta(days=1))

    assert ticks(Schedule({"it": timedelta(days=1)}, often.store, clock, queue)) == ["it"]


def test_more_jobs_than_one_read_may_name_are_all_asked_for() -> None:
    every = {f"job{number}": MINUTE for number in range(130)}
    found, _ = schedule(every, MemoryQueue())

    assert ticks(found) == list(every)
    assert ticks(found) == []


@given(st.lists(st.integers(0, 400), max_size=25), st.integers(1, 5))
def test_there_is_one_turn_in_each_period_that_is_ticked_in(seconds: list[int], minutes: int) -> None:
    queue = MemoryQueue()
    found, clock = schedule({"it": minutes * MINUTE}, queue)
    periods = set()
    for step in seconds:
        clock.advance(timedelta(seconds=step))
        ticks(found)
        periods.add(int(clock.now().timestamp()) // (60 * minutes))

    assert len(queue.messages) == len(periods)


def test_ticks_at_once_may_ask_twice_and_leave_nothing_to_a_third(dynamodb: DynamoDBSettings) -> None:
    queue = MemoryQueue()
    clock = FrozenClock(MIDNIGHT)
    store = DynamoDBStore(dynamodb, clock)
    found = Schedule({"racing": MINUTE}, store, clock, queue)
    together = threading.Barrier(2)

    def tick() -> None:
        together.wait()
        ticks(found)

    threads = [threading.Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 1 <= len(queue.messages) <= 2
    assert ticks(found) == []
    store.close()
