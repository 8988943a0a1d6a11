"""A process dies between its write and the publication of what it wrote: subscribers are told all the same."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from colonnade.clock import SystemClock
from colonnade.topic_log import TopicLog
from infra.dynamodb import DynamoDBStore, ensure_table
from infra.dynamodb.client import connect
from infra.local import ports
from tests.clients.notebook import NoteAdded
from tests.soak.crew import PROCESSES, Crew, crew_of
from tests.soak.followers import PythonFollower
from tests.soak.plan import DELIVERER, GATEWAY, PUMP, SMALL, Faults, Plan
from tests.soak.roles import table_of
from tests.soak.writing import add

pytestmark = pytest.mark.dynamodb_local

PATIENCE = 120.0
FAIR = Faults(gone=0, throttled=0, failed=0, spell=0, repeated=0, hang_up=0)


@pytest.fixture
def plan(dynamodb_endpoint: str, tmp_path: Path) -> Iterator[Plan]:
    port = ports.free_port()
    made = Plan(1, SMALL, dynamodb_endpoint, f"colonnade-{uuid4().hex}", tmp_path, port, faults=FAIR)
    client = connect(table_of(made))
    ensure_table(client, made.table)
    yield replace(made, management=f"http://127.0.0.1:{port}")
    client.delete_table(TableName=made.table)
    client.close()


def write_and_die(plan: Plan, book: str, text: str) -> None:
    """Commit a note with its event, and end this process before anything else can happen in it."""
    store = DynamoDBStore(table_of(plan), SystemClock())
    asyncio.run(_add_and_die(store, book, text))


async def _add_and_die(store: DynamoDBStore, book: str, text: str) -> None:
    await add(store, book, text)
    os.kill(os.getpid(), signal.SIGKILL)


def killed_after_writing(plan: Plan, book: str, text: str) -> None:
    process = PROCESSES.Process(target=write_and_die, args=(plan, book, text))
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL
    process.close()


def wait(crew: Crew, done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert crew.failed() == []
        assert time.monotonic() < end
        time.sleep(0.02)


def test_subscribers_get_what_was_committed_by_a_process_that_died_before_the_stream_was_read(
    plan: Plan,
) -> None:
    book = "the last words"
    topic = NoteAdded.topic(book)
    with crew_of(plan) as crew:
        for role in (DELIVERER, GATEWAY):
            crew.start(role)
        follower = PythonFollower(plan, book, plan.random("follower"))
        try:
            wait(crew, lambda: follower.stream.began_at is not None)

            killed_after_writing(plan, book, "while nobody pumps")
            store = DynamoDBStore(table_of(plan), SystemClock())
            assert asyncio.run(TopicLog(store, SystemClock()).head(topic)) == 0, "nobody has seen it"
            crew.start(PUMP)
            wait(crew, lambda: follower.stream.texts == ["while nobody pumps"])

            crew.kill(PUMP)
            killed_after_writing(plan, book, "after the pump died too")
            crew.start(PUMP)
            wait(crew, lambda: len(follower.stream.texts) == 2)
            store.close()
        finally:
            follower.stop()
    assert follower.stream.texts == ["while nobody pumps", "after the pump died too"]
    assert follower.stream.wrong == []
