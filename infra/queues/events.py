"""Messages as the event of a Lambda function that works on a queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Received:
    """A message that a worker has in hand. `receipt`: of this taking alone; `attempt`: which one it is, from 1."""

    id: str
    receipt: str
    body: str
    attempt: int
    group: str | None = None
    deduplication_id: str | None = None


def queue_event(received: Sequence[Received], queue: str) -> dict[str, Any]:
    """The event that Lambda makes of messages of a queue of this name."""
    return {"Records": [_record(message, queue) for message in received]}


def _record(message: Received, queue: str) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": str(message.attempt)}
    if message.group is not None:
        attributes["MessageGroupId"] = message.group
    if message.deduplication_id is not None:
        attributes["MessageDeduplicationId"] = message.deduplication_id
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{queue}",
        "awsRegion": "us-east-1",
    }
