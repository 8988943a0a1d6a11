"""Migrations: two runners, rows that change meanwhile, rows that cannot be changed, dry runs, a bounded rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Literal

import pytest

from colonnade.entities import Entity
from colonnade.errors import OperationLost, StoreError
from colonnade.kept_data import KeptData
from colonnade.migrating.changing import KeepsChanging, Outcome, change_row
from colonnade.migrating.running import (
    MigrationBusy,
    MigrationStopped,
    Migrator,
    failures,
    in_order,
    pending,
)
from colonnade.migrations import Migration, reindexed
from colonnade.store import Item, Put, Update, Writes
from colonnade.testing import FrozenClock, Harness
from colonnade.testing.memory_store import MemoryStore
from tests.migrating.runner import MIGRATION, OLD, PERSON


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def store(clock: FrozenClock) -> MemoryStore:
    return MemoryStore(clock)


def migrator(store: MemoryStore, clock: FrozenClock, holder: str = "one", rate: int = 1_000_000) -> Migrator:
    harness = Harness("colonnade.actions.plugin", store=store, clock=clock)
    context = replace(harness.context(), store=store)
    return Migrator(context, store, holder, rate)


async def people(store: MemoryStore, *numbers: int) -> None:
    rows: list[Mapping[str, Any]] = [{"id": f"{n}", "first": "Ada", "last": f"L{n}"} for n in numbers]
    await store.transact(Writes([OLD.put(dict(row)) for row in rows]))


async def person(store: MemoryStore, number: int) -> Mapping[str, Any]:
    item = await store.get(PERSON.key(id=f"{number}"))
    assert item is not None
    return item.attributes


async def test_rows_of_both_versions_are_read_and_what_is_written_is_new(store: MemoryStore) -> None:
    await people(store, 1)

    assert PERSON.read(await person(store, 1)) == {"id": "1", "name": "Ada L1", "entity_version": 2}
    assert PERSON.item({"id": "2", "name": "Bob"}).attributes["entity_version"] == 2
    assert PERSON.read(PERSON.item({"id": "2", "name": "Bob"}).attributes)["name"] == "Bob"


async def test_a_row_of_a_newer_deployment_is_refused_and_not_misread() -> None:
    with pytest.raises(StoreError, match="a newer one wrote it"):
        PERSON.read({"id": "1", "entity_version": 3})


async def test_a_migration_changes_rows_once_and_is_then_done(store: MemoryStore, clock: FrozenClock) -> None:
    await people(store, *range(5))
    runner = migrator(store, clock)

    progress = await runner.run(MIGRATION)

    assert (progress.changed, progress.failed) == (5, 0)
    assert (await person(store, 3))["name"] == "Ada L3"
    assert (await migrator(store, clock).dry_run(MIGRATION)).changed == 0


async def test_a_dry_run_counts_and_writes_nothing(store: MemoryStore, clock: FrozenClock) -> None:
    await people(store, *range(5))
    before = dict(store._items)

    progress = await migrator(store, clock).dry_run(MIGRATION)

    assert progress.changed == 5
    assert store._items == before


class Rewritten(MemoryStore):
    """Somebody writes a row just before it is changed, so many times."""

    def __init__(self, clock: FrozenClock, times: int) -> None:
        super().__init__(clock)
        self.times = times

    async def transact(self, writes: Writes) -> None:
        changed = [w for w in writes if isinstance(w, Update) and w.key.partition.startswith("people#")]
        if changed and self.times:
            self.times -= 1
            renamed = OLD.put({"id": "1", "first": "Eve", "last": f"at {self.times}"})
            await super().transact(Writes([renamed]))
        await super().transact(writes)


async def test_a_row_that_changes_meanwhile_keeps_what_was_written(clock: FrozenClock) -> None:
    store = Rewritten(clock, times=2)
    await people(store, 1)

    progress = await migrator(store, clock).run(MIGRATION)

    assert progress.changed == 1
    assert (await person(store, 1))["name"] == "Eve at 0"


async def test_a_row_that_changes_all_the_time_is_noted(clock: FrozenClock) -> None:
    store = Rewritten(clock, times=100)
    await people(store, 1)
    item = await store.get(PERSON.key(id="1"))
    assert item is not None

    with pytest.raises(KeepsChanging):
        await change_row(store, MIGRATION, item)


async def test_what_is_added_to_a_row_meanwhile_stays(store: MemoryStore) -> None:
    await people(store, 1)
    item = await store.get(PERSON.key(id="1"))
    assert item is not None
    await store.transact(Writes([Update(item.key, set={"seen": True})]))

    await change_row(store, MIGRATION, item)

    assert (await person(store, 1)) == {"id": "1", "name": "Ada L1", "seen": True, "entity_version": 2}


@pytest.mark.parametrize(("before", "after"), [(None, 2), (2, 1), (1, 2), (2, None)])
async def test_a_row_expires_when_the_migration_says_so(
    store: MemoryStore, clock: FrozenClock, before: int | None, after: int | None
) -> None:
    days = {None: None} | {n: int((clock.now() + timedelta(days=n)).timestamp()) for n in (1, 2)}
    kept = Entity("shop", "Kept", partition="{id}", expires=True)
    await store.transact(Writes([Put(kept.item({"id": "1"}, expires_at=days[before], lasts=before is None))]))

    def change(item: Item) -> Item | None:
        return None if item.expires_at == days[after] else replace(item, expires_at=days[after])

    migration = Migration("shop.kept", kept, change, "Rows are kept for another time")
    item = await store.get(kept.key(id="1"))
    assert item is not None
    assert await change_row(store, migration, item) is Outcome.CHANGED

    found = await store.get(kept.key(id="1"))
    assert found is not None
    assert found.expires_at == days[after]


async def test_a_row_that_is_gone_meanwhile_stays_gone(store: MemoryStore) -> None:
    await people(store, 1)
    item = await store.get(PERSON.key(id="1"))
    assert item is not None
    await store.transact(Writes([PERSON.delete(id="1")]))

    await change_row(store, MIGRATION, item)

    assert await store.get(PERSON.key(id="1")) is None


def failing(on_failure: Literal["stop", "continue"]) -> Migration:
    """One that cannot change the third person."""

    def change(item: Item) -> Item | None:
        if item.attributes["id"] == "3":
            raise ValueError("the third is like that")
        return MIGRATION.change(item)

    return replace(MIGRATION, change=change, on_failure=on_failure)


async def test_a_row_that_cannot_be_changed_is_noted_with_the_reason(
    store: MemoryStore, clock: FrozenClock
) -> None:
    await people(store, *range(5))
    runner = migrator(store, clock)

    progress = await runner.run(failing("continue"))

    assert (progress.changed, progress.failed) == (4, 1)
    [(row, reason)] = await failures(runner.context, MIGRATION)
    assert row == "people#Person#3 -"
    assert reason == "ValueError: the third is like that"

    assert (await migrator(store, clock, "two").run(MIGRATION)).changed == 1  # mended


async def test_a_migration_may_stop_at_the_first_row_that_cannot_be_changed(
    store: MemoryStore, clock: FrozenClock
) -> None:
    await people(store, *range(5))

    with pytest.raises(MigrationStopped, match="the third is like that"):
        await migrator(store, clock).run(failing("stop"))

    assert (await migrator(store, clock, "two").run(MIGRATION)).failed == 0
    assert (await person(store, 3))["name"] == "Ada L3"


async def test_of_two_runners_one_works(store: MemoryStore, clock: FrozenClock) -> None:
    await people(store, *range(3))
    first, second = migrator(store, clock), migrator(store, clock, "two")

    operation = await first.context.operations.start("colonnade.migrate", key=MIGRATION.name)
    held = await first.context.operations.take(operation.id, "one")
    assert held is not None
    with pytest.raises(MigrationBusy, match="another runner"):
        await second.run(MIGRATION)

    clock.advance(timedelta(seconds=91))
    assert (await second.run(MIGRATION)).changed == 3
    with pytest.raises(OperationLost):
        await held.advance(1)


async def test_rows_are_read_no_faster_than_the_rate(store: MemoryStore, clock: FrozenClock) -> None:
    await people(store, *range(50))
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    runner = replace(migrator(store, clock, rate=10), sleep=sleep, clock=lambda: 0.0)
    progress = await runner.run(MIGRATION)

    assert progress.changed == 50
    assert sum(slept) == pytest.approx((progress.read - 10) / 10, abs=1.1)


async def test_reindexing_changes_places_alone(store: MemoryStore) -> None:
    await store.transact(Writes([OLD.put({"id": "1", "name": "Ada", "entity_version": 2})]))
    item = await store.get(OLD.key(id="1"))
    assert item is not None

    await change_row(store, replace(MIGRATION, change=reindexed(PERSON)), item)

    page = await store.query(PERSON.query("by_name", name="Ada"))
    assert [found.attributes for found in page.items] == [item.attributes]


def test_migrations_run_after_those_they_need() -> None:
    late = replace(MIGRATION, name="late", needs=("early",))
    early = replace(MIGRATION, name="early")

    assert [m.name for _, m in in_order([("a", late), ("b", early)])] == ["early", "late"]
    with pytest.raises(ValueError, match="need one another"):
        in_order([("a", late), ("b", replace(early, needs=("late",)))])


async def test_what_is_pending_is_what_nobody_finished(store: MemoryStore, clock: FrozenClock) -> None:
    runner = migrator(store, clock)
    declared = runner.context.services.get(KeptData).migrations
    assert [m for _, m in await pending(runner.context)] == [m for _, m in declared]

    for _, migration in declared:
        await runner.run(migration)

    assert await pending(runner.context) == []
