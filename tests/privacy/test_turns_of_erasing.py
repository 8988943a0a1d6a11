"""An erasure is done by turns that workers try again, and that neither multiply nor lose the thread."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from colonnade.accounts import ERASE, Accounts
from colonnade.errors import NotCancellable, StoreUnavailable
from colonnade.jobs import Jobs
from colonnade.kept_data import KeptData
from colonnade.migrating.rows import MIGRATION
from colonnade.privacy.declared import personal
from colonnade.privacy.erasing import SETTLED, _erase
from colonnade.store import Update, Writes
from colonnade.testing import FrozenClock
from colonnade.testing.memory_queue import MemoryQueue
from colonnade.testing.memory_store import MemoryStore
from colonnade.work.dead_letters import DeadLetters
from colonnade.work.operations import Operation, OperationStatus, id_of
from colonnade.work.rows import TASK
from colonnade.work.tasks import Task
from colonnade.work.worker import Worker
from plugins.identity.entities import ADDRESS
from tests.privacy.lived_in import LivedIn, application, live_in

MIDNIGHT = datetime(2040, 1, 1, tzinfo=UTC)


class Failing(MemoryStore):
    """Refuses the next transactions that delete something, as long as there is `trouble`."""

    trouble = 0

    async def transact(self, writes: Any) -> None:
        if self.trouble and any(type(write).__name__ == "Delete" for write in writes):
            self.trouble -= 1
            raise StoreUnavailable("throttled")
        await super().transact(writes)


class Office:
    """A deployment whose worker does the turns of one erasure."""

    def __init__(self, account: LivedIn, store: Failing, clock: FrozenClock) -> None:
        self.account, self.store, self.clock = account, store, clock
        self.queue = MemoryQueue()
        jobs = Jobs(
            account.api.composition.jobs,
            lambda work: replace(account.api.context(), request_id=work, principal=None),
        )
        self.worker = Worker(jobs, store, clock, self.queue, random=lambda: 0.0)
        self.letters = DeadLetters(store, clock, self.queue)

    async def tasks(self) -> list[Task]:
        """The turns of erasures that are to be done."""
        page = await self.store.scan(TASK, after=None, limit=1_000)
        tasks = [Task.of(item.attributes) for item in page.items]
        return [task for task in tasks if task.job == "privacy.erase" and task.dead_at is None]

    async def work(self) -> int:
        """Do each turn whose time has come; how many that were."""
        due = [task for task in await self.tasks() if task.at <= self.clock.now().timestamp()]
        for task in due:
            await self.worker.work(task.id)
        return len(due)

    async def operation(self) -> Operation:
        found = await self.account.api.context().operations.find(id_of(ERASE, self.account.user))
        assert found is not None
        return found


@pytest.fixture
async def office() -> Office:
    """An erasure that was asked for."""
    clock = FrozenClock(MIDNIGHT)
    store = Failing(clock)
    account = await live_in(application(store, clock))
    context = account.api.context()
    for _, migration in context.services.get(KeptData).migrations:
        await store.transact(Writes([MIGRATION.put({"name": migration.name, "done_at": "now"})]))
    _, writes = context.services.get(Accounts).erasing(context, account.user)
    await store.transact(writes)
    return Office(account, store, clock)


async def test_a_closed_account_waits_for_one_turn_and_for_no_other(office: Office) -> None:
    assert await office.work() == 1
    [waiting] = await office.tasks()
    assert waiting.at == (MIDNIGHT + SETTLED).timestamp()
    assert (await office.operation()).status is OperationStatus.WAITING
    with pytest.raises(NotCancellable):
        await office.account.api.context().operations.cancel((await office.operation()).id)

    office.clock.advance(SETTLED)
    assert await office.work() == 1
    assert (await office.operation()).status is OperationStatus.DONE
    assert await office.tasks() == []


async def test_a_turn_that_comes_early_sweeps_nothing(office: Office) -> None:
    await office.work()
    office.clock.advance(SETTLED - timedelta(seconds=1))
    early = await office.operation()

    await office.account.api.run_job("privacy.erase", {"operation": early.id})

    after = await office.operation()
    assert (after.status, after.done) == (OperationStatus.WAITING, early.done)
    office.clock.advance(timedelta(seconds=1))
    await office.work()
    assert (await office.operation()).status is OperationStatus.DONE


@pytest.mark.parametrize("phase", ["closing", "sweeping"])
async def test_a_turn_that_failed_is_tried_again_and_goes_on(office: Office, phase: str) -> None:
    if phase == "sweeping":
        await office.work()
        office.clock.advance(SETTLED)
    office.store.trouble = 1
    await office.work()
    [again] = await office.tasks()
    assert again.attempts == 1

    for wait in (timedelta(seconds=30), SETTLED, SETTLED):
        office.clock.advance(wait)
        await office.work()

    assert (await office.operation()).status is OperationStatus.DONE


async def test_an_erasure_that_was_given_up_goes_on_when_its_dead_letter_is_replayed(office: Office) -> None:
    office.store.trouble = 1_000
    for _ in range(4):
        await office.work()
        office.clock.advance(timedelta(hours=1))
    with pytest.raises(Exception, match="given up"):
        await office.work()
    given_up = await office.operation()
    assert (given_up.status, given_up.failure) == (OperationStatus.FAILED, "throttled")

    office.store.trouble = 0
    [letter] = [dead for dead in await office.letters.newest() if dead.job == "privacy.erase"]
    assert await office.letters.replay(letter)
    for _ in range(2):
        await office.work()
        office.clock.advance(SETTLED)

    assert (await office.operation()).status is OperationStatus.DONE


async def test_a_row_that_passes_to_another_account_while_it_is_erased_stays(office: Office) -> None:
    """The address was read as this account's; until it is deleted, somebody else has linked it."""
    context = office.account.api.context()
    [data] = [d for d in personal(context.services.get(KeptData)) if d.entity is ADDRESS]
    key = ADDRESS.key(address=office.account.address)
    as_read = await office.store.get(key)
    assert as_read is not None
    assert as_read.attributes["user"] == office.account.user
    await office.store.transact(Writes([Update(key, set={"user": "usr_somebody_else"})]))

    await _erase(context, data, as_read)

    left = await office.store.get(key)
    assert left is not None
    assert left.attributes["user"] == "usr_somebody_else"
