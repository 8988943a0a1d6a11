"""A worker that is killed in the middle of a turn. `python -m tests.work.dying_worker ENDPOINT TABLE KEY WHAT TASK`.

WHAT: `task` dies in the middle of a task, `operation` after it has said how far a long operation is.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from colonnade.clock import SystemClock
from colonnade.jobs import Job
from colonnade.work.operations import Running
from colonnade.work.turns import operation_job
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.work.workshop import Workshop


async def die(context: object, arguments: Mapping[str, Any]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def die_further_on(context: object, running: Running) -> bool:
    await running.advance(4, 10, cursor={"after": "d"})
    os.kill(os.getpid(), signal.SIGKILL)
    return True


JOBS = {
    "task": Job("shop.alone", die, overlap="wait"),
    "operation": operation_job("shop.count", die_further_on),
}


def main(endpoint: str, table: str, access_key: str, what: str, task: str) -> None:
    settings = replace(DynamoDBSettings.local(endpoint, table, access_key), read_timeout=20.0, deadline=40.0)
    clock = SystemClock()
    shop = Workshop(JOBS[what], store=DynamoDBStore(settings, clock), clock=clock)
    asyncio.run(shop.worker.work(task))


if __name__ == "__main__":
    main(*sys.argv[1:])
