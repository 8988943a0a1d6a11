"""On DynamoDB Local: what a killed process had in hand is taken over, and of two at once one has it."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from colonnade.leases import Leases
from colonnade.testing import FrozenClock
from colonnade.work.operations import OperationStatus, Running
from colonnade.work.turns import operation_job
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.work.dying_worker import JOBS
from tests.work.workshop import Workshop


class Place:
    """A table, and workshops on it whose clocks begin at the present."""

    def __init__(self, settings: DynamoDBSettings) -> None:
        self.settings = settings
        self.clock = FrozenClock(datetime.now(UTC))
        self.store = DynamoDBStore(settings, self.clock)

    def workshop(self, *jobs: Any) -> Workshop:
        return Workshop(*jobs, store=self.store, clock=self.clock)

    def kill_a_worker(self, what: str, task: str) -> None:
        """A process takes the task, and is killed in the middle of it."""
        settings = self.settings
        given = [str(settings.endpoint_url), settings.table, str(settings.access_key), what, task]
        ended = subprocess.run(
            [sys.executable, "-m", "tests.work.dying_worker", *given],
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()


@pytest.fixture
def place(dynamodb: DynamoDBSettings) -> Iterator[Place]:
    found = Place(dynamodb)
    yield found
    found.store.close()


def test_the_task_and_the_lease_of_a_killed_worker_are_taken_over_when_their_time_is_over(
    place: Place,
) -> None:
    dying = place.workshop(JOBS["task"])
    task = asyncio.run(dying.ask("shop.alone", {"order": 7}))
    place.kill_a_worker("task", task.id)

    shop = place.workshop()
    shop.jobs = shop.jobs.__class__(
        [("shop", type(JOBS["task"])("shop.alone", shop.do, overlap="wait"))], shop.context
    )
    shop.worker = shop.worker.__class__(shop.jobs, shop.store, shop.clock, shop.queue)
    asyncio.run(shop.worker.work(task.id))
    assert shop.done == []
    assert not asyncio.run(Leases(shop.store, shop.clock).take("job:shop.alone", "another"))

    place.clock.advance(timedelta(seconds=120))
    assert asyncio.run(shop.carrier.sweep()) == 1
    asyncio.run(shop.work())
    assert shop.done == [{"order": 7}]
    assert asyncio.run(shop.find(task)) is None


def test_an_operation_whose_holder_was_killed_goes_on_where_that_stopped(place: Place) -> None:
    at: list[Any] = []

    async def step(context: object, running: Running) -> bool:
        at.append((running.operation.done, running.operation.cursor))
        await running.advance(10)
        return True

    shop = place.workshop(operation_job("shop.count", step))
    operations = shop.context("r").operations
    started = asyncio.run(operations.start("shop.count", key="one", job="shop.count"))
    [task] = asyncio.run(shop.letters.waiting())
    place.kill_a_worker("operation", task.id)

    place.clock.advance(timedelta(seconds=120))
    assert asyncio.run(shop.carrier.sweep()) == 1
    assert asyncio.run(shop.work()) == []
    assert at == [(4, {"after": "d"})]
    ended = asyncio.run(operations.find(started.id))
    assert ended is not None
    assert ended.status is OperationStatus.DONE


def at_once(act: Callable[[int], Any], threads: int = 4) -> list[Any]:
    """What `act` gives to threads that begin together."""
    together, found = threading.Barrier(threads), list[Any]()

    def run(number: int) -> None:
        together.wait()
        found.append(act(number))

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return found


def test_of_workers_that_take_a_lease_at_once_one_has_it_and_after_its_time_again_one(place: Place) -> None:
    def take(number: int) -> bool:
        return asyncio.run(Leases(place.store, place.clock, 30).take("job:racing", f"holder {number}"))

    assert sorted(at_once(take)) == [False, False, False, True]
    place.clock.advance(timedelta(seconds=31))
    assert sorted(at_once(take)) == [False, False, False, True]


def test_a_task_that_is_brought_to_several_workers_at_once_is_done_once(place: Place) -> None:
    shop = place.workshop()
    tasks = [asyncio.run(shop.ask(arguments={"number": number}, key="one")) for number in range(2)]

    at_once(lambda number: asyncio.run(shop.worker.work(tasks[number % 2].id)))
    assert len(shop.done) == 1
    assert asyncio.run(shop.letters.waiting()) == []


def test_an_operation_that_is_started_and_taken_at_once_is_one_and_has_one_holder(place: Place) -> None:
    operations = place.workshop().context("r").operations

    def start(number: int) -> str:
        return asyncio.run(operations.start("shop.count", key="racing")).id

    [found] = set(at_once(start))
    taken = at_once(lambda number: asyncio.run(operations.take(found, str(number))))
    assert len([running for running in taken if running is not None]) == 1
