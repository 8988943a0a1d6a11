"""A migration goes on where it stopped, and writes over nothing that others wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from colonnade.errors import StoreUnavailable
from colonnade.migrating.changing import Outcome, change_row
from colonnade.migrating.running import Progress, operation_of, pending_of
from colonnade.migrations import Migration
from colonnade.store import Item, Update, Writes
from colonnade.testing import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from colonnade.work.operations import OperationStatus
from tests.migrating.runner import MIGRATION, PERSON
from tests.migrating.test_migrating import migrator, people, person


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def store(clock: FrozenClock) -> MemoryStore:
    return MemoryStore(clock)


async def no_rest(seconds: float) -> None:
    return


async def test_what_another_already_wrote_under_a_new_name_is_not_written_over(store: MemoryStore) -> None:
    await people(store, 1)
    item = await store.get(PERSON.key(id="1"))
    assert item is not None
    await store.transact(Writes([Update(item.key, set={"name": "Countess"})]))

    def named(row: Item) -> Item | None:
        with_name = {**row.attributes, "name": "Ada"}
        return None if "name" in row.attributes else replace(row, attributes=with_name)

    naming = Migration("people.named", PERSON, named, "A person has a name")
    assert await change_row(store, naming, item) is Outcome.AS_IT_SHOULD_BE
    assert (await person(store, 1))["name"] == "Countess"


async def test_a_runner_that_was_killed_is_gone_on_with_at_its_last_page(
    store: MemoryStore, clock: FrozenClock
) -> None:
    await people(store, *range(10))

    def killed(migration: Migration, progress: Progress) -> None:
        if progress.read >= 6:
            raise KeyboardInterrupt

    pages: list[int] = []

    def heard(migration: Migration, progress: Progress) -> None:
        pages.append(progress.read)

    first = replace(migrator(store, clock, rate=2), tell=killed, sleep=no_rest)
    with pytest.raises(KeyboardInterrupt):
        await first.run(MIGRATION)
    clock.advance(timedelta(minutes=2))
    second = replace(migrator(store, clock, "two", rate=2), tell=heard, sleep=no_rest)
    progress = await second.run(MIGRATION)

    assert (pages[0], progress.changed) == (6, 8)
    assert [(await person(store, number))["name"] for number in range(10)] == [f"Ada L{n}" for n in range(10)]


class Failing(MemoryStore):
    """A store that fails, once, before or after a write that touches rows of `entity`."""

    entity = ""
    after = False
    error: BaseException = StoreUnavailable("the store is away")

    async def transact(self, writes: Writes) -> None:
        meant = bool(self.entity) and any(self.entity in write.key.partition for write in writes)
        if meant and not self.after:
            self.entity = ""
            raise self.error
        await super().transact(writes)
        if meant:
            self.entity = ""
            raise self.error


async def test_a_store_that_is_away_stops_the_run_and_counts_no_row_as_failed(clock: FrozenClock) -> None:
    store = Failing(clock)
    await people(store, *range(4))
    runner = migrator(store, clock)
    store.entity = PERSON.key(id="2").partition
    with pytest.raises(StoreUnavailable, match="the store is away"):
        await runner.run(MIGRATION)
    progress = await runner.run(MIGRATION)

    assert progress.failed == 0
    assert [(await person(store, number))["name"] for number in range(4)] == [f"Ada L{n}" for n in range(4)]
    assert await pending_of(store, [("shop", MIGRATION)]) == []


async def test_a_runner_killed_as_it_notes_that_it_is_done_leaves_no_operation_at_work(
    clock: FrozenClock,
) -> None:
    store = Failing(clock)
    await people(store, 1)
    runner = migrator(store, clock)
    store.entity, store.after, store.error = "Migration#", True, KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        await runner.run(MIGRATION)

    operation = await operation_of(runner.context, MIGRATION)
    assert await pending_of(store, [("shop", MIGRATION)]) == []
    assert operation is not None
    assert operation.status is OperationStatus.DONE
