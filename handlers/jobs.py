"""Jobs: put into the queue when the schedule says that a minute has begun, brought by it, or asked for by hand."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from colonnade.errors import UnknownJob
from colonnade.schedule import Schedule
from handlers import runtime

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
        self._schedule = Schedule(application.jobs.scheduled, ports.store, ports.clock, ports.queues.jobs)

    def __call__(self, event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
        """The messages that the queue is to bring again and, in the end, to keep apart as dead letters.

        At a tick the queue is asked for what is due; which jobs. Raises what a job raises that was asked for by hand,
        and what keeps a tick from the queue; the next tick asks again. A job that nobody knows is only logged: asked
        for again, it would be no better known.
        """
        if event == TICK:
            return {"due": runtime.run(self._schedule.tick())}
        if "Records" not in event:
            try:
                self._do(event)
            except (UnknownJob, MalformedTask):
                _log.exception("Somebody asks for what nobody can do")
            return {}
        failed: list[dict[str, str]] = []
        for record in event["Records"]:
            try:
                self._do(_task(record["body"]))
            except Exception:
                _log.warning(
                    "A job is left to the queue",
                    extra={"fields": {"messageId": record["messageId"]}},
                    exc_info=True,
                )
                failed.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failed}

    def _do(self, task: Mapping[str, Any]) -> None:
        name, arguments = task.get("job"), task.get("arguments", {})
        if not isinstance(name, str) or not isinstance(arguments, dict):
            raise MalformedTask('a task is {"job": "its name", "arguments": {…}}')
        runtime.run(self._jobs.run(name, arguments))


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
    return _handler()(event, context)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _handler()  # during initialisation, which a snapshot keeps
