"""One shift at a time does the work, and the next goes on where it stops."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from colonnade.errors import ChainTimeout
from colonnade.leases import Leases
from colonnade.shifts import Shift
from colonnade.store import Store
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from infra.dynamodb import DynamoDBSettings, DynamoDBStore


class Time:
    """Seconds that pass only where somebody sleeps."""

    def __init__(self) -> None:
        self.clock = FrozenClock()
        self.seconds = 0.0

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.clock.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def leases(time: Time) -> Leases:
    return Leases(MemoryStore(time.clock), time.clock, seconds=30)


def shift(time: Time, leases: Leases, holder: str) -> Shift:
    return Shift(leases, "chain:8453", holder, monotonic=lambda: time.seconds, sleep=time.sleep)


def looking(log: list[str], name: str) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        log.append(name)
        return False

    return look


async def test_a_shift_looks_until_its_time_is_over(time: Time, leases: Leases) -> None:
    log: list[str] = []
    assert await shift(time, leases, "a").work(looking(log, "a"), 10) == 10


async def test_a_standby_begins_where_the_shift_stops(time: Time, leases: Leases) -> None:
    log: list[str] = []
    await asyncio.gather(
        shift(time, leases, "a").work(looking(log, "a"), 20),
        shift(time, leases, "b").work(looking(log, "b"), 60),
    )
    assert log == sorted(log)
    assert set(log) == {"a", "b"}


async def test_a_shift_that_was_killed_is_followed_after_its_lease(time: Time, leases: Leases) -> None:
    await leases.take("chain:8453", "killed")
    log: list[str] = []
    await shift(time, leases, "b").work(looking(log, "b"), 60)
    assert 25 <= len(log) <= 31


async def test_a_holder_of_the_same_name_does_not_wait_for_a_killed_one(time: Time, leases: Leases) -> None:
    """As on a laptop, where nobody else ever works."""
    await leases.take("chain:8453", "this machine")
    assert await shift(time, leases, "this machine").work(looking([], "again"), 10) == 10


async def test_a_standby_has_so_much_patience_and_no_more(time: Time, leases: Leases) -> None:
    await leases.take("chain:8453", "a")
    waiting = Leases(leases.store, time.clock, seconds=600)
    await waiting.take("chain:8453", "a")
    assert await shift(time, leases, "b").work(looking([], "b"), 300, patience=60) == 0
    assert time.seconds == pytest.approx(60, abs=2)


async def test_a_fault_does_not_end_a_shift(time: Time, leases: Leases) -> None:
    looks: list[int] = []

    async def look() -> bool:
        looks.append(1)
        raise ChainTimeout("no answer")

    await shift(time, leases, "a").work(look, 5)
    assert len(looks) == 5


async def test_a_bug_ends_a_shift_and_gives_the_lease_back(time: Time, leases: Leases) -> None:
    async def look() -> bool:
        raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        await shift(time, leases, "a").work(look, 5)
    assert await leases.take("chain:8453", "b")


async def test_a_shift_that_is_told_to_stop_gives_its_lease_back(time: Time, leases: Leases) -> None:
    assert await shift(time, leases, "a").work(looking([], "a"), 60, stopping=lambda: True) == 0
    assert await leases.take("chain:8453", "b")


async def test_a_lease_is_renewed_by_its_holder_and_given_back_by_no_other(leases: Leases) -> None:
    assert await leases.take("x", "a")
    assert await leases.take("x", "a")
    assert not await leases.take("x", "b")
    await leases.give_back("x", "b")
    assert not await leases.take("x", "b")
    await leases.give_back("x", "a")
    assert await leases.take("x", "b")


@pytest.fixture
def database(dynamodb: DynamoDBSettings) -> Iterator[Store]:
    adapter = DynamoDBStore(dynamodb, FrozenClock(datetime(2040, 1, 1, tzinfo=UTC)))
    yield adapter
    adapter.close()


def test_of_many_threads_one_takes_a_lease(database: Store) -> None:
    leases = Leases(database, FrozenClock(datetime(2040, 1, 1, tzinfo=UTC)))
    start = threading.Barrier(8)

    def take(n: int) -> bool:
        start.wait()
        return asyncio.run(leases.take("race", str(n)))

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(take, range(8))).count(True) == 1
