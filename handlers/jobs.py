"""Jobs: put into the queue when the schedule says that a minute has begun, brought by it, or asked for by hand.

A message of the queue brings a task, `{"task": "its id"}`, whose row in the store says what is to be done and how often
that was tried; or, from within the platform and by hand, a job itself, `{"job": "its name", "arguments": {…}}`, which the
queue tries again.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from colonnade.errors import TaskGivenUp, UnknownJob, message_of
from colonnade.schedule import Schedule
from colonnade.telemetry.record import Way, code_of, happened
from colonnade.work.dead_letters import dead_letter
from colonnade.work.worker import Worker
from handlers import runtime
from infra.queues.rules import MAX_ATTEMPTS
from infra.redaction import Redactor

TICK: Final[Mapping[str, Any]] = {"tick": True}
"""What the schedule says each minute."""

_log = logging.getLogger(__name__)


class MalformedTask(ValueError):
    """A task that names no job, or whose arguments are no JSON object."""


class JobsHandler:
    """Does jobs for one application; each thread runs its own event loop."""

    def __init__(self, application: runtime.Application) -> None:
        ports = application.adapters
        self._jobs = application.jobs
        self._clock = ports.clock
        self._application = application
        self._schedule = Schedule(
            application.jobs.scheduled, ports.store, ports.clock, ports.queues.jobs, self._begin
        )
        self._worker = Worker(
            application.jobs, ports.store, ports.clock, ports.queues.jobs, Redactor(application.secrets).text
        )

    def __call__(self, event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
        """The messages that the queue is to bring again and, in the end, to keep apart as dead letters.

        At a tick the queue is asked for what is due; which jobs. Raises what a job raises that was asked for by hand,
        and what keeps a tick from the queue; the next tick asks again. A job that nobody knows is only logged: asked
        for again, it would be no better known.
        """
        if event == TICK:
            with self._application.telemetry.recording("tick") as record:
                due = runtime.run(self._schedule.tick())
                record.items = len(due)
            return {"due": due}
        if "Records" not in event:
            with self._application.telemetry.recording("job") as record:
                try:
                    self._do(event)
                except (UnknownJob, MalformedTask) as error:
                    record.codes = (code_of(error),)
                    _log.exception("Somebody asks for what nobody can do")
            return {}
        failed = [message["messageId"] for message in event["Records"] if not self._done(message)]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}

    async def _begin(self) -> None:
        from colonnade.migrating.running import nothing_to_migrate  # noqa: PLC0415 - once for each table

        await nothing_to_migrate(self._application.make_context("first-tick", None))

    def _done(self, message: Mapping[str, Any]) -> bool:
        """Whether the queue may forget a message."""
        task: Mapping[str, Any] = {}
        unreadable: MalformedTask | None = None
        try:
            task = _task(message["body"])
        except MalformedTask as error:
            unreadable = error
        way: Way = "job" if task and not isinstance(task.get("task"), str) else "task"
        traced = task.get("traceparent")
        traceparent = traced if isinstance(traced, str) else None
        with self._application.telemetry.recording(way, traceparent=traceparent) as record:
            try:
                if unreadable is not None:
                    raise unreadable
                self._do(task)
            except Exception as error:
                record.codes = (code_of(error),)
                _log.warning(
                    "A job is left to the queue",
                    extra={"fields": {"messageId": message["messageId"]}},
                    exc_info=None if isinstance(error, TaskGivenUp) else error,
                )
                if (
                    int(message["attributes"]["ApproximateReceiveCount"]) >= MAX_ATTEMPTS
                    and "task" not in task
                ):
                    happened("JobsDead")
                    self._bury(message["messageId"], task, error)
                return False
        return True

    def _do(self, task: Mapping[str, Any]) -> None:
        if isinstance(task.get("task"), str):
            return runtime.run(self._worker.work(task["task"]))
        name, arguments = task.get("job"), task.get("arguments", {})
        if not isinstance(name, str) or not isinstance(arguments, dict):
            raise MalformedTask('a task is {"task": "its id"} or {"job": "its name", "arguments": {…}}')
        return runtime.run(self._jobs.run(name, arguments))

    def _bury(self, message_id: str, task: Mapping[str, Any], error: Exception) -> None:
        """Keep with its reason what the queue is about to give up, as far as it can be read."""
        letter = dead_letter(f"message_{message_id}", task, self._clock.now())
        if letter is not None:
            try:
                runtime.run(self._worker.bury(letter, message_of(error)))
            except Exception:
                _log.exception("A dead letter is kept by the queue alone")


def _task(body: str) -> Mapping[str, Any]:
    try:
        task = json.loads(body)
    except ValueError as error:
        raise MalformedTask(f"not JSON: {error}") from error
    if not isinstance(task, dict):
        raise MalformedTask("a task is a JSON object")
    return task


@cache
def _handler() -> JobsHandler:
    return JobsHandler(runtime.application())


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """The entry point of the Lambda function."""
    with runtime.invocation():
        return _handler()(event, context)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _handler()  # during initialisation, which a snapshot keeps
