"""A migration goes on where it stopped, and writes over nothing that others wrote."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from colonnade.migrating.changing import Outcome, change_row
from colonnade.migrating.running import Progress
from colonnade.migrations import Migration
from colonnade.store import Item, Update, Writes
from colonnade.testing import FrozenClock
from colonnade.testing.memory_store import MemoryStore
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
