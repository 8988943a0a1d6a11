"""The curve: one process for each number of subscribers, shared document and distinct principals."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from benchmarks.fan_out.delivering import DOCUMENTS, Delivered, database
from benchmarks.settings import environment
from colonnade.testing import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore, ensure_table
from infra.dynamodb.client import connect
from infra.local.database import local_database
from infra.local.toolchain import ROOT
from tests.subscriptions.audiences import audience
from tests.subscriptions.stage import Stage


def measured(sizes: Sequence[int], logs: Path) -> Iterator[Delivered]:
    """Each size of both kinds; a shared document is shared by as many principals as there are subscribers."""
    with local_database(None, logs=logs) as endpoint, _gateway() as gateway:
        for size in sizes:
            for kind in DOCUMENTS:
                yield _one(endpoint, gateway, kind, size)


def _one(endpoint: str, gateway: str, kind: str, size: int) -> Delivered:
    settings = database(endpoint, f"fan-out-{uuid4().hex}")
    client = connect(settings)
    ensure_table(client, settings.table)
    asyncio.run(_seat(settings, kind, size))
    events = 1 + min(10, 2_000 // size)
    command = [sys.executable, "-m", "benchmarks.fan_out.delivering", endpoint, settings.table, gateway]
    said = subprocess.run(
        [*command, kind, str(size), str(events)],
        env=environment(PYTHONPATH=f"{ROOT}:{ROOT / 'sdk' / 'src'}"),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    client.delete_table(TableName=settings.table)
    client.close()
    return Delivered(**json.loads(said.stdout.splitlines()[-1]))


async def _seat(settings: DynamoDBSettings, kind: str, size: int) -> None:
    clock = FrozenClock()
    store = DynamoDBStore(settings, clock)
    await audience(Stage(clock=clock, store=store), DOCUMENTS[kind], size, principals=size)
    store.close()


@contextmanager
def _gateway() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.fan_out.answering"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/local"
        process.stdin.close()
