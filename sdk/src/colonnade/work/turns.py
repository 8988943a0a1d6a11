"""A long operation as turns of a job: each works as long as a turn may, and leaves the rest to the next.

async def reprice(context: Context, running: Running) -> bool:
    page = await next_page(context, running.operation.cursor)
    ...
    await running.advance(running.operation.done + len(page), cursor={"after": page.last})
    return page.is_last

@hookimpl
def jobs(): return [operation_job("shop.reprice", reprice)]

await context.operations.start("shop.reprice", key="2026-11", job="shop.reprice")
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from colonnade.errors import GiveUp, OperationLost
from colonnade.jobs import JOB_BUDGET, Job
from colonnade.work.operations import Running

if TYPE_CHECKING:
    from colonnade.context import Context

TURN: Final = JOB_BUDGET / 2
"""Seconds after which a turn begins no further step; a step may take as long again."""

Step: TypeAlias = "Callable[[Context, Running], Awaitable[bool]]"

_log = logging.getLogger(__name__)


def operation_job(
    name: str,
    step: Step,
    *,
    retries: int = 4,
    backoff: timedelta = timedelta(seconds=30),
    seconds: float = TURN,
    now: Callable[[], float] = time.monotonic,
) -> Job:
    """The job that works on operations which were started with `job=name`.

    `step(context, running)` does a part, says so with `running.advance`, and returns whether all is done; it may be
    asked for the same part twice. A step that fails is tried again; an operation whose job is given up has failed, and
    goes on where it stopped when the dead letter is replayed or the operation is resumed. `seconds`: how long a turn
    begins further steps, by the clock `now`.
    """

    async def turn(context: Context, arguments: Mapping[str, Any]) -> None:
        operation_id = arguments.get("operation")
        if not isinstance(operation_id, str):
            raise GiveUp(f'{name} works on operations: its arguments are {{"operation": "an id"}}')
        running = await context.operations.take(operation_id, context.request_id, failed_too=True)
        if running is None:
            return
        end = now() + seconds
        try:
            while not await step(context, running):
                if now() >= end:
                    await running.release()
                    return
            await running.succeed()
        except OperationLost as lost:
            _log.info("An operation is left to others", extra={"fields": {"job": name, "why": str(lost)}})

    return Job(name, turn, retries=retries, backoff=backoff)
