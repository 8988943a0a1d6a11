"""The table's stream: new rows of the outbox, carried to logs, subscriptions and event handlers, and new tasks, carried
to the queue of jobs.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from colonnade.errors import QueueUnavailable, StoreError
from colonnade.outbox import OutboxRow
from colonnade.telemetry.record import follow_from
from colonnade.work.bringing import TaskCarrier
from colonnade.work.tasks import Task
from handlers import runtime
from infra.streams import MalformedRecord, is_task, outbox_row, passes, task_row

_LARGEST_KEPT: Final = 256 * 1024
"""Characters of a record; what is longer is no row of ours, and only its number and the reason are kept."""

_log = logging.getLogger(__name__)


class StreamHandler:
    """Carries the events and the tasks of a batch for one application; each thread runs its own event loop."""

    def __init__(self, application: runtime.Application) -> None:
        ports = application.adapters
        self._relay = application.relay
        self._telemetry = application.telemetry
        self._dead = application.relay.handling.dead
        self._tasks = TaskCarrier(ports.store, ports.clock, ports.queues.jobs)

    def __call__(self, event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
        """The records that are to be brought again, with everything after the first of them."""
        with self._telemetry.recording("stream") as record:
            again = self._carried(event)
            record.items, record.failed = len(event["Records"]), len(again)
        return {"batchItemFailures": [{"itemIdentifier": number} for number in again]}

    def _carried(self, event: Mapping[str, Any]) -> list[str]:
        """The numbers of the records of a batch that were not carried."""
        rows: list[OutboxRow] = []
        tasks: list[Task] = []
        numbers: dict[str, str] = {}
        unkept: list[str] = []
        for record in filter(passes, event["Records"]):
            number = str(record["dynamodb"]["SequenceNumber"])
            try:
                row = task_row(record) if is_task(record) else outbox_row(record)
            except MalformedRecord as error:
                # Brought again it would be no better, and everything else would wait for it.
                _log.error(
                    "A record of the stream is left out, and kept as a dead letter",
                    extra={"fields": {"sequenceNumber": number, "reason": str(error)}},
                )
                if not self._kept(record, number, str(error)):
                    unkept.append(number)
            else:
                if isinstance(row, Task):
                    tasks.append(row)
                else:
                    rows.append(row)
                follow_from(row.traceparent)
                numbers.setdefault(row.id, number)
        failed = set(runtime.run(self._relay.relay(rows))) if rows else set[str]()
        failed |= self._bring(tasks)
        return [*unkept, *(numbers[i] for i in numbers if i in failed)]

    def _kept(self, record: Mapping[str, Any], number: str, reason: str) -> bool:
        """Whether a record that nobody can read is kept for a replay by those who can."""
        text = json.dumps(record, separators=(",", ":"), default=str)
        content = {"record": text if len(text) <= _LARGEST_KEPT else ""}
        letter = self._dead.letter("record", (number,), "the table's stream", reason, content=content)
        try:
            runtime.run(self._dead.keep(letter))
        except StoreError:
            _log.warning("A dead letter could not be kept; its record is brought again", exc_info=True)
            return False
        return True

    def _bring(self, tasks: list[Task]) -> set[str]:
        """Bring tasks to the queue; the ids of those that must come again."""
        try:
            runtime.run(self._tasks.bring_new(tasks))
        except QueueUnavailable:
            _log.warning("The queue of jobs did not take every task", exc_info=True)
            return {task.id for task in tasks}
        return set()


@cache
def _handler() -> StreamHandler:
    return StreamHandler(runtime.application())


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """The entry point of the Lambda function."""
    with runtime.invocation():
        return _handler()(event, context)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _handler()  # during initialisation, which a snapshot keeps
