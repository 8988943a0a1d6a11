"""The queue of deliveries: each topic in a batch is delivered once, up to the highest number that was asked for.

Before the last attempt at a task another takes its place in the queue: what the queue gives up does not wait for
the topic's next event, also where the attempts end with kills. What failed so often is a dead letter too, until a
delivery of the topic succeeds.

What the queue brings again may have ended the process of the attempt before. It is worked on after all else, one delivery
at a time and with caution (`colonnade.subscriptions.caution`), so that whatever ends the process is known by the next.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, Final, TypeAlias

from colonnade.dead_events import DeadEvents, letter_id
from colonnade.errors import QueueUnavailable, StoreError, message_of
from colonnade.publishing import Deliver, Delivery
from colonnade.queues import Queue
from colonnade.telemetry.record import follow_from
from colonnade.telemetry.recording import NO_TELEMETRY, Telemetry
from handlers import runtime
from infra.queues.rules import MAX_ATTEMPTS

_Part: TypeAlias = tuple[str, int]
"""A topic, and which part of its subscribers."""

_AT_ONCE: Final = 8

_log = logging.getLogger(__name__)


class DeliverHandler:
    """Has events delivered; each thread runs its own event loop.

    `deliveries`: the queue that they come from; `dead`: where it is kept what the queue gives up.
    """

    def __init__(
        self,
        deliver: Deliver,
        deliveries: Queue,
        dead: DeadEvents,
        telemetry: Telemetry = NO_TELEMETRY,
    ) -> None:
        self._deliver = deliver
        self._deliveries = deliveries
        self._dead = dead
        self._telemetry = telemetry

    def __call__(self, event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
        """The messages that the queue is to bring again: all those of a topic that was not delivered.

        Other topics of their groups go on: order matters within a topic, and a delivery is of all that came before.
        """
        with self._telemetry.recording("deliver") as record:
            failed = self._failed(event)
            record.items, record.failed = len(event["Records"]), len(failed)
        return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}

    def _failed(self, event: Mapping[str, Any]) -> list[str]:
        """The messages of a batch that were not delivered."""
        tasks: dict[_Part, Delivery] = {}
        last_attempts: set[_Part] = set()
        messages: dict[_Part, list[str]] = {}
        failed: list[str] = []
        for record in event["Records"]:
            try:
                task = _delivery(record["body"])
            except ValueError as error:
                fields = {"messageId": record["messageId"], "reason": str(error)}
                _log.error("A message is no delivery", extra={"fields": fields})
                failed.append(record["messageId"])
            else:
                follow_from(task.traceparent)
                part = (task.topic, task.part)
                before = tasks.get(part, task)
                again = before.brought_again or task.again > 0 or _attempt(record) > 1
                tasks[part] = replace(max(before, task, key=_through), brought_again=again)
                messages.setdefault(part, []).append(record["messageId"])
                if _attempt(record) >= MAX_ATTEMPTS:
                    last_attempts.add(part)
        for part in runtime.run(self._undelivered(tasks, last_attempts)):
            failed += messages[part]
        return failed

    async def _undelivered(
        self, tasks: Mapping[_Part, Delivery], last_attempts: Collection[_Part]
    ) -> list[_Part]:
        await self._once_more([tasks[part].once_more for part in last_attempts])
        at_once, alone = asyncio.Semaphore(_AT_ONCE), asyncio.Semaphore(1)

        async def delivered(part: _Part, task: Delivery) -> bool:
            async with alone if task.brought_again else at_once:
                try:
                    await self._deliver(task)
                    if task.again:
                        await self._dead.take_away(letter_id("delivery", *map(str, part)))
                except Exception as error:
                    fields = {"topic": task.topic, "through": task.through, "part": task.part}
                    _log.warning("A delivery is tried again", extra={"fields": fields}, exc_info=True)
                    if part in last_attempts:
                        await self._given_up(task, error)
                    return False
                return True

        failed: list[_Part] = []
        for brought_again in (False, True):
            now = {part: task for part, task in tasks.items() if task.brought_again is brought_again}
            results = await asyncio.gather(*(delivered(part, task) for part, task in now.items()))
            failed += [part for part, well in zip(now, results, strict=True) if not well]
        return failed

    async def _given_up(self, task: Delivery, error: Exception) -> None:
        """Keep a letter of what the queue gives up, or count one more time."""
        letter = self._dead.letter(
            "delivery",
            (task.topic, str(task.part)),
            "subscriptions",
            message_of(error),
            topic=task.topic,
            sequence=task.through,
            attempts=MAX_ATTEMPTS * (task.again + 1),
            content={"part": task.part},
        )
        try:
            await self._dead.keep(letter)
        except StoreError:
            _log.warning("A dead letter could not be kept", exc_info=True)

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


def _through(task: Delivery) -> int:
    return task.through


def _attempt(record: Mapping[str, Any]) -> int:
    return int(record.get("attributes", {}).get("ApproximateReceiveCount", 1))


@cache
def _handler() -> DeliverHandler:
    application = runtime.application()
    return DeliverHandler(
        application.deliver,
        application.adapters.queues.deliveries,
        application.relay.handling.dead,
        application.telemetry,
    )


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """The entry point of the Lambda function."""
    with runtime.invocation():
        return _handler()(event, context)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _handler()  # during initialisation, which a snapshot keeps
