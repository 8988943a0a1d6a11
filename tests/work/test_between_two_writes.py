"""What comes between two steps of a worker: another that was brought the same task, or the end of its process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from colonnade.errors import GiveUp, StoreUnavailable, TaskGivenUp
from colonnade.jobs import Job
from colonnade.store import Item, Key, Put, Writes
from colonnade.testing import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from colonnade.work.operations import OperationStatus
from tests.work.workshop import NOON, Workshop


class SlowAtFirst(MemoryStore):
    """The first who reads a task is told of it once `told` is set."""

    def __init__(self, clock: FrozenClock) -> None:
        super().__init__(clock)
        self.told = asyncio.Event()
        self.reads = 0

    async def get(self, key: Key) -> Item | None:
        found = await super().get(key)
        self.reads += 1
        if self.reads == 1:
            await self.told.wait()
        return found


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def test_a_task_that_is_brought_twice_at_once_keeps_its_job_to_itself() -> None:
    goes_on, at_work, most = asyncio.Event(), 0, 0

    async def alone(context: object, arguments: object) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await goes_on.wait()
        at_work -= 1

    clock = FrozenClock(NOON)
    store = SlowAtFirst(clock)
    shop = Workshop(Job("shop.alone", alone, overlap="wait"), store=store, clock=clock)
    one, two = await shop.ask("shop.alone"), await shop.ask("shop.alone")

    late = asyncio.create_task(shop.worker.work(one.id))
    await settled()
    first = asyncio.create_task(shop.worker.work(one.id))
    await settled()
    store.told.set()
    await late
    assert at_work == 1

    other = asyncio.create_task(shop.worker.work(two.id))
    await settled()
    goes_on.set()
    await asyncio.gather(first, other)
    assert most == 1


class Dying(MemoryStore):
    """Is gone once a dead letter was written, as for a process that is killed."""

    dies = True

    async def transact(self, writes: Writes) -> None:
        await super().transact(writes)
        if self.dies and any(isinstance(w, Put) and w.item.attributes.get("dead_at") for w in writes):
            self.dies = False
            raise StoreUnavailable("killed")


async def test_a_worker_that_dies_after_a_dead_letter_leaves_no_operation_that_nobody_works_on() -> None:
    async def broken(context: object, arguments: Mapping[str, Any]) -> None:
        raise GiveUp("no such shop")

    clock = FrozenClock(NOON)
    shop = Workshop(Job("shop.long", broken), store=Dying(clock), clock=clock)
    operations = shop.context("request-1").operations
    operation = await operations.start("shop.long", key="1", job="shop.long")
    [task] = await shop.letters.waiting()

    with pytest.raises(StoreUnavailable):
        await shop.worker.work(task.id)
    with pytest.raises(TaskGivenUp):
        await shop.worker.work(task.id)  # as the queue brings it again

    found = await operations.find(operation.id)
    assert found is not None
    assert (found.status, found.failure) == (OperationStatus.FAILED, "no such shop")


async def test_an_operation_that_changes_while_its_task_is_given_up_has_failed_with_it() -> None:
    async def broken(context: Any, arguments: Mapping[str, Any]) -> None:
        raise GiveUp("no such shop")

    class Changing(MemoryStore):
        changes = 1

        async def transact(self, writes: Writes) -> None:
            if self.changes and any(isinstance(w, Put) and w.item.attributes.get("dead_at") for w in writes):
                self.changes -= 1
                assert await operations.take(operation.id, "another") is not None
            await super().transact(writes)

    clock = FrozenClock(NOON)
    shop = Workshop(Job("shop.long", broken), store=Changing(clock), clock=clock)
    operations = shop.context("request-1").operations
    operation = await operations.start("shop.long", key="1", job="shop.long")
    [task] = await shop.letters.waiting()

    with pytest.raises(TaskGivenUp):
        await shop.worker.work(task.id)

    found = await operations.find(operation.id)
    assert found is not None
    assert found.status is OperationStatus.FAILED
    assert await shop.letters.find(task.id) is not None


async def test_a_task_that_another_has_by_now_is_not_given_up_with_its_operation() -> None:
    """As of a worker that slept through its time."""

    async def slow(context: Any, arguments: Mapping[str, Any]) -> None:
        found = await shop.find(task)
        assert found is not None
        _, taken = found.changed(held_until=found.held_until + 500, look=found.held_until + 500)
        await shop.store.transact(Writes([taken]))
        raise GiveUp("no such shop")

    shop = Workshop(Job("shop.long", slow))
    operations = shop.context("request-1").operations
    operation = await operations.start("shop.long", key="1", job="shop.long")
    [task] = await shop.letters.waiting()

    with pytest.raises(TaskGivenUp):
        await shop.worker.work(task.id)

    found = await operations.find(operation.id)
    assert found is not None
    assert found.status is OperationStatus.WAITING
    assert await shop.letters.find(task.id) is None
