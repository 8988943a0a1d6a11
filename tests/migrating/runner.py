"""A process that migrates, slowly enough to be killed: `python -m tests.migrating.runner ENDPOINT TABLE ACCESS_KEY RATE`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from typing import Any, Final

from colonnade.clock import SystemClock
from colonnade.context import Context
from colonnade.cursors import CursorSigner
from colonnade.entities import Entity, Index
from colonnade.ids import UlidIds
from colonnade.migrating.running import Migrator, Progress
from colonnade.migrations import Migration, upgraded
from colonnade.services import Services
from colonnade.store import Value
from colonnade.testing.scripted_chain import ScriptedChains
from infra.dynamodb import DynamoDBSettings, DynamoDBStore


def _with_full_name(row: Mapping[str, Any]) -> Mapping[str, Value]:
    """The second version has one name, the first had two."""
    rest = {name: value for name, value in row.items() if name not in {"first", "last"}}
    return {**rest, "name": f"{row['first']} {row['last']}"}


OLD: Final = Entity("people", "Person", partition="{id}")
PERSON: Final = Entity(
    "people",
    "Person",
    partition="{id}",
    indexes=(Index("by_name", "gsi1", partition="{name}", sort="{id}"),),
    upgrades=(_with_full_name,),
)
MIGRATION: Final = Migration("people.one-name", PERSON, upgraded(PERSON), "A person has one name")


def context_on(store: DynamoDBStore) -> Context:
    """A context for work on this store."""
    clock = SystemClock()
    return Context(
        "migrate", store, ScriptedChains(), Services({}), clock, UlidIds(clock), CursorSigner(b"k" * 32)
    )


async def main(endpoint: str, table: str, access_key: str, rate: str, holder: str) -> None:
    settings = DynamoDBSettings.local(endpoint, table, access_key=access_key)
    store = DynamoDBStore(settings, SystemClock())
    context = context_on(store)

    def tell(migration: Migration, progress: Progress) -> None:
        sys.stdout.write(f"{progress.changed}\n")
        sys.stdout.flush()

    await Migrator(context, store.scanner(), holder, int(rate), tell).run(MIGRATION)
    store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
