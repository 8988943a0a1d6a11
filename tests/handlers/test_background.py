"""The threads beside the gateway: an event goes all its way by itself, and all of them end in order."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from colonnade.clock import SystemClock
from colonnade.errors import ConfigurationError
from colonnade.queues import Message, Queues
from handlers.background import background
from handlers.runtime import build
from infra.dynamodb import DynamoDBSettings, DynamoDBStore, client, ensure_table
from infra.local.queues import LocalQueue
from tests.events.rows import ring
from tests.handlers.belfry import COUNT, belfry
from tests.handlers.sample import ENVIRON, adapters, sample_application

PATIENCE = 60.0


@pytest.fixture
def table(dynamodb: DynamoDBSettings) -> Iterator[DynamoDBSettings]:
    """A table where a laptop's database has its own."""
    settings = replace(dynamodb, table=f"colonnade-{uuid4().hex}", access_key="local")
    connection = client.connect(settings)
    ensure_table(connection, settings.table)
    yield settings
    connection.delete_table(TableName=settings.table)
    connection.close()


def test_events_and_jobs_happen_by_themselves_until_the_block_ends(
    table: DynamoDBSettings, tmp_path: Path
) -> None:
    clock = SystemClock()
    store = DynamoDBStore(table, clock)
    deliveries, jobs = LocalQueue("deliveries", fifo=True), LocalQueue("jobs", fifo=False)
    ports = replace(adapters(), store=store, queues=Queues(deliveries, jobs))
    environ = {
        **ENVIRON,
        "COLONNADE_DYNAMODB_ENDPOINT": str(table.endpoint_url),
        "COLONNADE_TABLE": table.table,
    }
    before = set(threading.enumerate())

    async def strokes(bell: str) -> object:
        item = await store.get(COUNT.key(bell=bell))
        return item.attributes["strokes"] if item else 0

    with background(build(environ, belfry(), ports), tmp_path):
        asyncio.run(ring(store, clock, "big", 3))
        asyncio.run(jobs.send([Message({"job": "belfry.toll", "arguments": {}})]))
        end = time.monotonic() + PATIENCE
        while (asyncio.run(strokes("big")), asyncio.run(strokes("tolled"))) != (3, 1):
            assert time.monotonic() < end
            threading.Event().wait(0.05)
        while deliveries.waiting:
            assert time.monotonic() < end
            threading.Event().wait(0.05)

    ours = {"schedule", "stream", *(f"deliveries-{n}" for n in range(4)), "jobs-0", "jobs-1"}
    assert not {thread.name for thread in set(threading.enumerate()) - before} & ours
    store.close()
    deliveries.close()
    jobs.close()


def test_what_is_not_on_this_machine_is_left_to_aws(tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigurationError, match="AWS reads its own"),
        background(sample_application(), tmp_path),
    ):
        raise AssertionError("this must not begin")
