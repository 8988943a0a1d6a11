"""A migration whose process is killed goes on where it stopped, and readers see no gap."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import datetime, timedelta

import pytest

from colonnade.clock import SystemClock
from colonnade.migrating.running import Migrator
from colonnade.migrations import Migration
from colonnade.store import Item, Key, Writes
from colonnade.work.operations import OperationStatus, id_of
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.migrating.runner import MIGRATION, OLD, PERSON, context_on

ROWS = 120


class Later:
    """A clock that a test moves on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


def begun(settings: DynamoDBSettings) -> subprocess.Popen[str]:
    """A runner in a process of its own, at 20 rows a second."""
    where = [str(settings.endpoint_url), settings.table, str(settings.access_key)]
    command = [sys.executable, "-m", "tests.migrating.runner", *where, "20", "first"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


async def names(store: DynamoDBStore) -> list[str]:
    """What a reader sees of everybody, whichever version their row is of."""
    keys = [PERSON.key(id=f"{n}") for n in range(ROWS)]
    found: dict[Key, Item] = {}
    for start in range(0, ROWS, 100):
        found |= await store.batch_get(keys[start : start + 100])
    return [str(PERSON.read(found[key].attributes)["name"]) for key in keys]


@pytest.mark.dynamodb_local
async def test_a_migration_that_is_killed_goes_on_and_readers_see_no_gap(dynamodb: DynamoDBSettings) -> None:
    clock = Later()
    store = DynamoDBStore(dynamodb, clock)
    for start in range(0, ROWS, 40):
        people = [{"id": f"{n}", "first": "Ada", "last": f"L{n}"} for n in range(start, start + 40)]
        await store.transact(Writes([OLD.put(dict(person)) for person in people]))
    expected = [f"Ada L{n}" for n in range(ROWS)]
    assert await names(store) == expected

    runner = begun(dynamodb)
    assert runner.stdout is not None
    try:
        line = runner.stdout.readline()
        assert line, "the runner ended before it had migrated anything"
        while int(line) < 20:
            line = runner.stdout.readline()
            assert await names(store) == expected
    finally:
        runner.send_signal(signal.SIGKILL)
        runner.wait()
        runner.stdout.close()
    assert runner.returncode == -signal.SIGKILL

    half = [item for item in await _rows(store) if "entity_version" in item]
    assert 20 <= len(half) < ROWS
    assert await names(store) == expected

    clock.ahead = timedelta(seconds=91)  # the killed runner's lease ends
    seen: list[int] = []

    def tell(migration: Migration, progress: object) -> None:
        seen.append(getattr(progress, "read", 0))

    context = context_on(store)
    context.clock = clock
    progress = await Migrator(context, store.scanner(), "second", 100_000, tell).run(MIGRATION)

    assert progress.failed == 0
    assert {str(item["entity_version"]) for item in await _rows(store)} == {"2"}
    assert not [item for item in await _rows(store) if "first" in item]
    assert await names(store) == expected
    assert len((await store.query(PERSON.query("by_name", name="Ada L7"))).items) == 1
    assert seen[0] > 20, "it began anew instead of going on"
    ended = await context.operations.find(id_of("colonnade.migrate", MIGRATION.name))
    assert ended is not None
    assert ended.status is OperationStatus.DONE
    store.close()


async def _rows(store: DynamoDBStore) -> list[dict[str, object]]:
    found = await store.scanner().scan(PERSON, after=None, limit=1_000)
    return [dict(item.attributes) for item in found.items]
