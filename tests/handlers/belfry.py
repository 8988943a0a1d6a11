"""An application whose one plugin follows events, on a table and queues of its own; and a pump to run in a process.

`python -m tests.handlers.belfry ENDPOINT TABLE STATE DIE_AT` pumps until the stream has nothing new. It kills itself in
the middle of the send numbered DIE_AT, from 1, if there is one.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from colonnade.clock import SystemClock
from colonnade.composer import Composition
from colonnade.context import Context
from colonnade.entities import Entity
from colonnade.events import EventHandler, EventType, Published
from colonnade.ids import UlidIds
from colonnade.jobs import Job
from colonnade.queues import Message, Queues
from colonnade.store import Store, Update, Writes
from handlers.runtime import Adapters, Application, build
from handlers.stream import StreamHandler
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.local.pump import CADENCE, StreamPump
from infra.local.queues import LocalQueue
from tests.composition.building import compose_modules, giving, plugin_module
from tests.events.rows import BellRung
from tests.handlers.sample import ENVIRON, adapters

COUNT: Final = Entity("belfry", "Count", partition="{bell}")
POISON: Final = 13
"""A stroke that the handler never takes."""


async def count(context: Context, rung: BellRung, published: Published) -> Writes:
    """Keeps how often each bell was heard, and in which order."""
    if rung.stroke == POISON:
        raise RuntimeError("thirteen")
    key = COUNT.key(bell=rung.bell)
    item = await context.store.get(key)
    before = str(item.attributes["order"]) if item else ""
    return Writes([Update(key, add={"strokes": 1}, set={"order": f"{before}{rung.stroke},"})])


async def toll(context: Context, arguments: object) -> None:
    """Rings a bell itself."""
    await context.store.transact(Writes([context.record(BellRung(bell="tolled", stroke=1))]))


def belfry() -> Composition:
    return compose_modules(
        plugin_module(
            "belfry",
            giving(
                event_types=[EventType(BellRung, "A bell was rung.")],
                event_handlers=[EventHandler("belfry.count", BellRung, count)],
                jobs=[Job("belfry.toll", toll)],
                entities=[COUNT],
            ),
        )
    )


def application(store: Store, queues: Queues) -> Application:
    clock = SystemClock()
    ports: Adapters = replace(adapters(), store=store, clock=clock, ids=UlidIds(clock), queues=queues)
    return build(ENVIRON, belfry(), ports)


class DyingQueue(LocalQueue):
    """Ends its process in the middle of a send."""

    die_at = 0
    sends = 0

    async def send(self, messages: Sequence[Message]) -> None:
        self.sends += 1
        if self.sends == self.die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        await super().send(messages)


def main(endpoint: str, table: str, access_key: str, state: str, die_at: str) -> None:
    settings = replace(DynamoDBSettings.local(endpoint, table, access_key), read_timeout=20.0, deadline=40.0)
    deliveries = DyingQueue("deliveries", fifo=True, file=Path(state) / "deliveries")
    deliveries.die_at = int(die_at)
    jobs = LocalQueue("jobs", fifo=False, file=Path(state) / "jobs")
    store = DynamoDBStore(settings, SystemClock())
    handler = StreamHandler(application(store, Queues(deliveries, jobs)))
    pump = StreamPump(settings, handler, Path(state) / "stream.json")
    quiet = 0
    while quiet < 3:
        quiet = quiet + 1 if pump.step() == CADENCE else 0
    pump.close()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
