"""What AWS runs by itself and a laptop needs threads for: the stream, the queues, the schedule and the shifts, each
with its handler.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from colonnade.errors import ConfigurationError
from handlers.deliver import DeliverHandler
from handlers.jobs import TICK, JobsHandler
from handlers.runtime import Application
from handlers.stream import StreamHandler
from handlers.watch import LONGEST, WatchHandler
from infra.dynamodb import DynamoDBSettings
from infra.local.background import Background
from infra.local.pump import StreamPump
from infra.local.queues import LocalQueue
from infra.local.scheduler import LocalScheduler
from infra.local.workers import Handler, QueueWorker

DELIVERERS: Final = 4
JOB_WORKERS: Final = 2
_DELIVERIES_AT_ONCE: Final = 10


@contextmanager
def background(application: Application, state: Path) -> Iterator[None]:
    """Within the block, events are relayed and delivered and jobs are done; `state`: where it is kept how far.

    At the end of the block each thread finishes what it has in hand; what is left is found at the next start. Raises
    `ConfigurationError` for an application whose database or queues are not on this machine.
    """
    settings, queues = application.settings, application.adapters.queues
    if settings.dynamodb_endpoint is None:
        raise ConfigurationError(
            "only the stream of a database on this machine is read here, AWS reads its own"
        )
    jobs = JobsHandler(application)
    with ExitStack() as resources:
        deliverer = DeliverHandler(
            application.deliver, queues.deliveries, application.relay.handling.dead, application.telemetry
        )
        _work_on(queues.deliveries, deliverer, resources, DELIVERERS, _DELIVERIES_AT_ONCE)
        _work_on(queues.jobs, jobs, resources, JOB_WORKERS, 1)
        resources.enter_context(Background("schedule", LocalScheduler(jobs, TICK).step))
        table = DynamoDBSettings.local(settings.dynamodb_endpoint, settings.table)
        # One name for all who ever work here: nobody waits for the lease of a process that was killed.
        watching = WatchHandler(application, holder="this machine")
        ending = threading.Event()
        for chain in settings.endpoints():
            shift = partial(_shift, watching, f"chain:{chain}", ending)
            resources.enter_context(Background(f"chain-{chain}", shift))
        resources.callback(ending.set)
        pump = StreamPump(table, StreamHandler(application), state / "stream.json")
        resources.callback(pump.close)
        resources.enter_context(Background("stream", pump.step))
        yield


def _shift(watching: WatchHandler, source: str, ending: threading.Event) -> float:
    watching.work(source, LONGEST, stopping=ending.is_set)
    return 0


def _work_on(queue: object, handler: Handler, resources: ExitStack, threads: int, batch: int) -> None:
    if not isinstance(queue, LocalQueue):
        raise ConfigurationError("only queues on this machine are worked on here, AWS works on its own")
    queue.release()  # nobody else works here, so what is in hand was a killed process's
    for number in range(threads):
        worker = QueueWorker(queue, handler, batch)
        resources.enter_context(Background(f"{queue.name}-{number}", worker.step))
