"""`make dev` on a database that an earlier version left changes its rows, and leaves a new one to the first tick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from colonnade.errors import StoreUnavailable
from colonnade.migrating.running import OPERATION, pending
from colonnade.migrations import Migration, upgraded
from colonnade.store import Item, Key, Writes
from colonnade.testing.composing import compose_plugins
from colonnade.testing.memory_store import MemoryStore
from colonnade.work.operations import id_of
from handlers import runtime
from handlers.earlier_rows import EarlierRows
from handlers.jobs import TICK, JobsHandler
from handlers.runtime import Adapters, build
from tests.composition.building import giving, plugin_module
from tests.handlers.sample import ENVIRON, adapters
from tests.migrating.runner import OLD, PERSON

ONE_NAME = Migration("people.one-name", PERSON, upgraded(PERSON), "A person has one name")


def refused(item: Item) -> Item | None:
    raise ValueError(f"{item.key.partition} cannot be changed")


@dataclass
class Laptop:
    """A database that outlives the versions that run on it."""

    ports: Adapters = field(default_factory=adapters)
    said: list[str] = field(default_factory=list)

    def start(self, *migrations: Migration) -> tuple[runtime.Application, EarlierRows]:
        """The version whose plugin declares these migrations."""
        module = plugin_module("people", giving(entities=[PERSON], migrations=migrations))
        application = build(ENVIRON, compose_plugins([module]), self.ports)
        store = self.ports.store
        assert isinstance(store, MemoryStore)
        return application, EarlierRows(application, lambda: store, self.said.append)

    def left(self, application: runtime.Application) -> Sequence[str]:
        found = runtime.run(pending(application.make_context("looking", None)))
        return [migration.name for _, migration in found]


@pytest.fixture
def old() -> Laptop:
    """One on which a version worked that knew no migrations, and wrote a row."""
    laptop = Laptop()
    before, _ = laptop.start()
    JobsHandler(before)(TICK)
    ada = {"id": "1", "first": "Ada", "last": "Lovelace"}
    runtime.run(laptop.ports.store.transact(Writes([OLD.put(ada)])))
    return laptop


def test_rows_of_an_earlier_version_are_changed_and_it_is_said(old: Laptop) -> None:
    application, earlier = old.start(ONE_NAME)
    JobsHandler(application)(TICK)
    assert old.left(application) == ["people.one-name"]

    assert earlier.step() > 60

    assert old.left(application) == []
    row = runtime.run(old.ports.store.get(PERSON.key(id="1")))
    assert row is not None
    assert row.attributes["name"] == "Ada Lovelace"
    [line] = old.said
    assert line.startswith("Rows of an earlier version: people.one-name (people), 1 changed, 0 failed, ")


def test_a_new_database_is_left_to_the_first_tick() -> None:
    laptop = Laptop()
    application, earlier = laptop.start(ONE_NAME)

    assert earlier.step() <= 1
    JobsHandler(application)(TICK)
    assert earlier.step() > 60

    assert laptop.left(application) == []
    context = application.make_context("looking", None)
    assert runtime.run(context.operations.find(id_of(OPERATION, "people.one-name"))) is None
    assert laptop.said == []


def test_what_another_runner_has_in_hand_is_tried_again_soon(old: Laptop) -> None:
    application, earlier = old.start(ONE_NAME)
    operations = application.make_context("another", None).operations
    operation = runtime.run(operations.start(OPERATION, key="people.one-name"))
    assert runtime.run(operations.take(operation.id, "another")) is not None

    assert earlier.step() <= 1

    assert (old.left(application), old.said) == (["people.one-name"], [])


def test_a_row_that_cannot_be_changed_is_said_and_does_not_stop_the_start(old: Laptop) -> None:
    broken = Migration("people.broken", PERSON, refused, "Never works", on_failure="stop")
    application, earlier = old.start(broken)

    assert earlier.step() > 60

    assert old.left(application) == ["people.broken"]
    assert "people.broken" in old.said[0]
    assert "cannot be changed" in old.said[0]


def test_a_database_that_does_not_answer_is_asked_again_soon(old: Laptop) -> None:
    class Silent(MemoryStore):
        async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
            raise StoreUnavailable("nothing was read")

    old.ports = replace(old.ports, store=Silent(old.ports.clock))
    _, earlier = old.start(ONE_NAME)

    assert earlier.step() <= 1
