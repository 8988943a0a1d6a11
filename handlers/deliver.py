"""The queue of deliveries: each topic in a batch is delivered once, up to the highest number that was asked for."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from colonnade.publishing import Deliver, Delivery
from handlers import runtime

_AT_ONCE: Final = 8

_log = logging.getLogger(__name__)


class DeliverHandler:
    """Has events delivered; each thread runs its own event loop."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver

    def __call__(self, event: Mapping[str, Any], context: object = None) -> dict[str, Any]:
        """The messages that the queue is to bring again: all those of a topic that was not delivered.

        Other topics of their groups go on: order matters within a topic, and a delivery is of all that came before.
        """
        throughs: dict[str, int] = {}
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
                throughs[task.topic] = max(task.through, throughs.get(task.topic, 0))
                messages.setdefault(task.topic, []).append(record["messageId"])
        for topic in runtime.run(self._undelivered(throughs)):
            failed += messages[topic]
        return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}

    async def _undelivered(self, throughs: Mapping[str, int]) -> list[str]:
        limit = asyncio.Semaphore(_AT_ONCE)

        async def delivered(topic: str, through: int) -> bool:
            async with limit:
                try:
                    await self._deliver(Delivery(topic, through))
                except Exception:
                    fields = {"topic": topic, "through": through}
                    _log.warning("A delivery is tried again", extra={"fields": fields}, exc_info=True)
                    return False
                return True

        results = await asyncio.gather(*(delivered(*task) for task in throughs.items()))
        return [topic for topic, well in zip(throughs, results, strict=True) if not well]


def _delivery(body: str) -> Delivery:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("a delivery is a JSON object")
    return Delivery.of(found)


@cache
def _handler() -> DeliverHandler:
    return DeliverHandler(runtime.application().deliver)


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """The entry point of the Lambda function."""
    return _handler()(event, context)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _handler()  # during initialisation, which a snapshot keeps
