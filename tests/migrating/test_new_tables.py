"""A new table has nothing to migrate, and nobody has to say so: its first tick does."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from colonnade.jobs import Job
from colonnade.migrating.running import nothing_to_migrate, pending
from colonnade.schedule import Schedule
from colonnade.testing import FrozenClock, Harness
from colonnade.testing.composing import compose_plugins
from colonnade.testing.finding import find_plugin
from colonnade.testing.memory_queue import MemoryQueue
from colonnade.testing.memory_store import MemoryStore
from handlers.jobs import TICK, JobsHandler
from handlers.runtime import build
from tests.handlers.sample import ENVIRON, adapters


async def _rest(context: object, arguments: object) -> None:
    return


def schedule(harness: Harness, store: MemoryStore, *jobs: str) -> Schedule:
    """Jobs of every minute, on a table that may be new."""
    declared = [Job(name, _rest, every=timedelta(minutes=1)) for name in jobs]

    async def begin() -> None:
        await nothing_to_migrate(harness.context())

    return Schedule(declared, store, harness.clock, MemoryQueue(), begin)


async def test_the_first_tick_of_a_new_table_notes_its_migrations_as_done() -> None:
    clock = FrozenClock()
    store = MemoryStore(clock)
    harness = Harness("colonnade.actions.plugin", store=store, clock=clock)
    assert await pending(harness.context()) != []

    assert await schedule(harness, store, "shop.do").tick() == ["shop.do"]

    assert await pending(harness.context()) == []


async def test_a_table_on_which_an_earlier_version_worked_is_left_to_operators() -> None:
    clock = FrozenClock()
    store = MemoryStore(clock)
    harness = Harness("colonnade.actions.plugin", store=store, clock=clock)
    earlier = Schedule(schedule(harness, store, "shop.do").jobs, store, clock, MemoryQueue())
    await earlier.tick()
    clock.advance(timedelta(minutes=1))

    await schedule(harness, store, "shop.do", "shop.new").tick()
    await schedule(harness, store).tick()

    assert await pending(harness.context()) != []


def test_the_minute_of_a_deployment_does_so() -> None:
    composition = compose_plugins([find_plugin("colonnade.actions.plugin")])
    application = build(ENVIRON, composition, adapters())
    context = application.make_context("looking", None)
    assert asyncio.run(pending(context)) != []

    JobsHandler(application)(TICK)

    assert asyncio.run(pending(context)) == []
