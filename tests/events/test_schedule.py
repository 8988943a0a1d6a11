"""Each tick asks for the jobs whose turn has come: once a turn, late rather than never, or as the job declares."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.errors import QueueUnavailable
from colonnade.jobs import Job
from colonnade.queues import Message, Queue
from colonnade.schedule import Schedule, turns_of
from colonnade.store import Item, Key, SortRange, Store
from colonnade.testing import FrozenClock, MemoryStore
from colonnade.testing.memory_queue import MemoryQueue
from colonnade.work.rows import TASK
from colonnade.work.tasks import SHARDS, Task
from infra.dynamodb import DynamoDBSettings, DynamoDBStore

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)


async def nothing(context: object, arguments: Mapping[str, Any]) -> None:
    return


def jobs(**every: timedelta) -> list[Job]:
    return [Job(name, nothing, every=time) for name, time in every.items()]


def schedule(found: Sequence[Job], queue: Queue, at: datetime = MIDNIGHT) -> tuple[Schedule, FrozenClock]:
    clock = FrozenClock(at)
    return Schedule(found, MemoryStore(clock), clock, queue), clock


def ticks(found: Schedule) -> Sequence[str]:
    return asyncio.run(found.tick())


def asked(store: Store) -> list[str]:
    """The times of the turns that are asked for and not done."""

    async def read() -> list[Task]:
        pages = [
            await store.query(TASK.query("due", sort=SortRange(), shard=shard)) for shard in range(SHARDS)
        ]
        return [Task.of(item.attributes) for page in pages for item in page.items]

    return sorted(task.arguments["turn"] for task in asyncio.run(read()))


def test_a_turn_is_asked_for_once_and_the_next_when_its_time_has_come() -> None:
    queue = MemoryQueue()
    found, clock = schedule(jobs(often=MINUTE, seldom=HOUR), queue)

    assert ticks(found) == ["often", "seldom"]
    clock.advance(timedelta(seconds=59))
    assert ticks(found) == []
    clock.advance(timedelta(seconds=1))
    assert ticks(found) == ["often"]
    clock.advance(59 * MINUTE)
    assert ticks(found) == ["often", "seldom"]
    assert [message.body["job"] for message in queue.messages[:2]] == ["often", "seldom"]


def test_turns_that_were_missed_are_made_up_for_by_one() -> None:
    found, clock = schedule(jobs(seldom=HOUR), MemoryQueue())
    ticks(found)
    clock.advance(timedelta(hours=5, minutes=30))

    assert ticks(found) == ["seldom"]
    assert ticks(found) == []


@pytest.mark.parametrize(
    ("missed", "late", "turns"),
    [
        ("once", 5 * HOUR + 30 * MINUTE, ["T05"]),
        ("each", 3 * HOUR + 30 * MINUTE, ["T01", "T02", "T03"]),
        ("skip", 5 * HOUR + 30 * MINUTE, []),
        ("skip", 5 * HOUR + MINUTE, ["T05"]),
        ("skip", 5 * HOUR + timedelta(seconds=119), ["T05"]),
        ("skip", 5 * HOUR + 2 * MINUTE, []),
    ],
)
def test_turns_that_were_missed_follow_the_policy_of_their_job(
    missed: Any, late: timedelta, turns: list[str]
) -> None:
    job = Job("report", nothing, cron="0 * * * *", missed=missed)
    found, clock = schedule([job], MemoryQueue())
    assert ticks(found) == []  # a job of the calendar waits for its first turn
    clock.advance(late)

    assert ticks(found) == ["report"] * len(turns)
    assert [turn[10:13] for turn in asked(found.store)] == turns
    assert ticks(found) == []


def test_what_was_missed_in_a_month_is_made_up_for_within_bounds() -> None:
    found, clock = schedule([Job("often", nothing, every=MINUTE, missed="each")], MemoryQueue())
    ticks(found)
    clock.advance(timedelta(days=30))

    assert len(ticks(found)) == 99
    assert asked(found.store)[-1] == "2026-12-22T00:00:00Z"
    assert ticks(found) == []


@pytest.mark.parametrize(
    ("cron", "zone", "day", "turns"),
    [
        ("30 2 * * *", "Europe/Berlin", "2026-03-29", ["2026-03-29T01:00:00Z"]),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25", ["2026-10-25T00:30:00Z"]),
        ("30 2 * * *", "America/New_York", "2026-03-08", ["2026-03-08T07:00:00Z"]),
        ("30 1 * * *", "America/New_York", "2026-11-01", ["2026-11-01T05:30:00Z"]),
        ("15 2 * * *", "Australia/Lord_Howe", "2026-10-03", ["2026-10-03T15:30:00Z"]),
        ("45 1 * * *", "Australia/Lord_Howe", "2026-04-04", ["2026-04-04T14:45:00Z"]),
    ],
)
def test_a_day_of_ticks_over_a_changed_clock_asks_as_documented(
    cron: str, zone: str, day: str, turns: list[str]
) -> None:
    job = Job("nightly", nothing, cron=cron, time_zone=zone)
    found, clock = schedule([job], MemoryQueue(), datetime.fromisoformat(day).replace(tzinfo=UTC))
    for _ in range(25):
        ticks(found)
        clock.advance(HOUR)
    assert asked(found.store) == turns


class Broken(MemoryQueue):
    """A queue that is down at first."""

    down = True

    async def send(self, messages: Sequence[Message]) -> None:
        if self.down:
            raise QueueUnavailable("not now")
        await super().send(messages)


def test_a_turn_that_the_queue_did_not_take_is_brought_by_a_later_tick() -> None:
    queue = Broken()
    found, clock = schedule(jobs(seldom=HOUR), queue)

    with pytest.raises(QueueUnavailable):
        ticks(found)
    queue.down = False
    assert ticks(found) == []
    clock.advance(MINUTE)
    assert ticks(found) == []
    assert [message.body["job"] for message in queue.messages] == ["seldom"]


def test_a_clock_that_goes_back_brings_no_turn_again() -> None:
    found, _ = schedule(jobs(often=MINUTE), MemoryQueue())
    ticks(found)

    behind = FrozenClock(MIDNIGHT - timedelta(minutes=5))
    assert ticks(Schedule(found.jobs, found.store, behind, found.queue)) == []


class Overtaken(MemoryStore):
    """A store in which `meanwhile` happens once, after what was asked is read and before a turn is noted."""

    def __init__(self, clock: FrozenClock) -> None:
        super().__init__(clock)
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        found = await super().batch_get(keys)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            await meanwhile()
        return found


def test_a_tick_that_a_later_one_overtook_notes_nothing_that_would_bring_a_turn_again() -> None:
    clock = FrozenClock(MIDNIGHT)
    store = Overtaken(clock)
    found = Schedule(jobs(often=MINUTE), store, clock, MemoryQueue())
    ticks(found)
    clock.advance(MINUTE)
    slow = FrozenClock(clock.now())
    clock.advance(MINUTE)
    store.meanwhile = found.tick

    assert ticks(Schedule(found.jobs, store, slow, found.queue)) == []
    assert asked(store)[-1] == "2026-11-22T00:02:00Z"
    assert ticks(found) == []


def test_a_clock_that_was_a_year_ahead_for_a_moment_silences_no_job() -> None:
    queue = MemoryQueue()
    wrong, _ = schedule(jobs(often=MINUTE), queue, MIDNIGHT + timedelta(days=365))
    ticks(wrong)
    right = FrozenClock(MIDNIGHT)
    found = Schedule(wrong.jobs, wrong.store, right, queue)

    assert ticks(found) == ["often"]
    assert ticks(found) == []
    right.advance(MINUTE)
    assert ticks(found) == ["often"]


def test_a_job_that_becomes_seldom_waits_for_its_own_turn_only() -> None:
    queue = MemoryQueue()
    often, clock = schedule(jobs(it=MINUTE), queue)
    ticks(often)
    clock.advance(timedelta(days=1))

    assert ticks(Schedule(jobs(it=timedelta(days=1)), often.store, clock, queue)) == ["it"]


def test_more_jobs_than_one_read_may_name_are_all_asked_for() -> None:
    many = jobs(**{f"job{number}": MINUTE for number in range(130)})
    found, _ = schedule(many, MemoryQueue())

    assert ticks(found) == [job.name for job in many]
    assert ticks(found) == []


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 400), max_size=25), st.integers(1, 5))
def test_there_is_one_turn_in_each_period_that_is_ticked_in(seconds: list[int], minutes: int) -> None:
    found, clock = schedule(jobs(it=minutes * MINUTE), MemoryQueue())
    periods: set[int] = set()
    turns: list[str] = []
    for step in seconds:
        clock.advance(timedelta(seconds=step))
        turns += ticks(found)
        periods.add(int(clock.now().timestamp()) // (60 * minutes))

    assert len(turns) == len(periods)


@given(st.integers(1, 5_000), st.lists(st.integers(0, 30_000), max_size=4))
def test_turns_of_which_each_counts_are_neither_lost_nor_repeated(minutes: int, steps: list[int]) -> None:
    job = Job("it", nothing, every=minutes * MINUTE)
    now, found = 1_000_000, list[int]()
    for step in steps:
        last = now
        now += min(step, 100 * 60 * minutes)  # no more than are made up for
        found += turns_of(job, last, now)
    assert found == [turn for turn in range(1_000_001, now + 1) if turn % (60 * minutes) == 0]


def test_ticks_at_once_ask_for_a_turn_once(dynamodb: DynamoDBSettings) -> None:
    queue = MemoryQueue()
    clock = FrozenClock(MIDNIGHT)
    store = DynamoDBStore(dynamodb, clock)
    found = Schedule(jobs(racing=MINUTE), store, clock, queue)
    together = threading.Barrier(2)

    def tick() -> None:
        together.wait()
        ticks(found)

    threads = [threading.Thread(target=tick) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([message for message in queue.messages if message.body["job"] == "racing"]) == 1
    assert ticks(found) == []
    store.close()
