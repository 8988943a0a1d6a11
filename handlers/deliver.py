"""The queue of deliveries: each topic in a batch is delivered once, up to the highest number that was asked for.

Before the last attempt at a task another takes its place in the queue: what the queue gives up does not wait for
the topic's next event, also where the attempts end with kills.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, Final

from colonnade.errors import QueueUnavailable
from colonnade.publishing import Deliver, Delivery
from colonnade.queues import Queue
from handlers import runtime
from infra.queues.rules import MAX_ATTEMPTS

_AT_ONCE: Final = 8

_log = logging.getLogger(__name__)


class DeliverHandler:
    """Has events delivered; each thread runs its own event loop. `deliveries`: the queue that they come from."""

    def __init__(self, deliver: Deliver, deliveries: Queue) -> None:
        self._deliver = deliver
        self._deliveries = deliveries

    def __call__(self, event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
        """The messages that the queue is to bring again: all those of a topic that was not delivered.

        Other topics of their groups go on: order matters within a topic, and a delivery is of all that came before.
        """
        tasks: dict[str, Delivery] = {}
        last_attempts: set[str] = set()
        messages: dict[str, list[str]] = {}
        failed: list[str] = []
        for record in event["Records"]:
            try:
                task = _delivery(record["body"])
            except ValueError as error:
                fields = {"messageId": record["messageId"], "reason": str(error)}
                _log.error("A message is no delivery", extra={"fields": fields})
                failed.append(record["messageId"])
            else:
                if task.topic not in tasks or task.through > tasks[task.topic].through:
                    tasks[task.topic] = task
                messages.setdefault(task.topic, []).append(record["messageId"])
                if _attempt(record) >= MAX_ATTEMPTS:
                    last_attempts.add(task.topic)
        for topic in runtime.run(self._undelivered(tasks, last_attempts)):
            failed += messages[topic]
        return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}

    async def _undelivered(self, tasks: Mapping[str, Delivery], last_attempts: Collection[str]) -> list[str]:
        await self._once_more([tasks[topic].once_more for topic in last_attempts])
        limit = asyncio.Semaphore(_AT_ONCE)

        async def delivered(task: Delivery) -> bool:
            async with limit:
                try:
                    await self._deliver(task)
                except Exception:
                    fields = {"topic": task.topic, "through": task.through}
                    _log.warning("A delivery is tried again", extra={"fields": fields}, exc_info=True)
                    return False
                return True

        results = await asyncio.gather(*(delivered(task) for task in tasks.values()))
        return [topic for topic, well in zip(tasks, results, strict=True) if not well]

    async def _once_more(self, tasks: Sequence[Delivery | None]) -> None:
        try:
            await self._deliveries.send([task.message for task in tasks if task is not None])
        except QueueUnavailable:
            _log.warning("A delivery has no other attempt than this", exc_info=True)


def _delivery(body: str) -> Delivery:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("a delivery is a JSON object")
    return Delivery.of(found)


def _attempt(record: Mapping[str, Any]) -> int:
    return int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))


@cache
def _handler() -> DeliverHandler:
    application = runtime.application()
    return DeliverHandler(application.deliver, application.adapters.queues.deliveries)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """The entry point of the Lambda function."""
    return _handler()(event, context)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _handler()  # during initialisation, which a snapshot keeps
