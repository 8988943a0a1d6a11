"""Bringing back what a queue gave up: for whoever operates a deployment, never for a function."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final, Protocol, cast

from botocore.exceptions import BotoCoreError, ClientError

from colonnade.errors import QueueUnavailable
from colonnade.queues import Queue
from infra.queues.settings import QueueSettings
from infra.queues.sqs import SqsQueue, connect

_BATCH: Final = 10


class _OfThisMachine(Protocol):
    """A queue in a folder, which no function needs."""

    def revive(self) -> int: ...


async def redrive(queue: Queue) -> int:
    """Put the messages that `queue` gave up back into it, with all their attempts; how many that were.

    A message is sent before it is taken away, so one may come twice, and none is lost. Raises `QueueUnavailable` for a
    queue without dead letters, and where SQS refuses.
    """
    if isinstance(queue, SqsQueue):
        return await asyncio.to_thread(_redrive, queue.settings)
    if not hasattr(queue, "revive"):
        raise QueueUnavailable(f"a {type(queue).__name__} keeps no dead letters")
    return await asyncio.to_thread(cast(_OfThisMachine, queue).revive)


def _redrive(settings: QueueSettings) -> int:
    client = connect(settings)
    try:
        return _moved(client, settings)
    except (ClientError, BotoCoreError) as error:
        raise QueueUnavailable(f"SQS did not bring back every dead letter: {error}") from error
    finally:
        client.close()


def _moved(client: Any, settings: QueueSettings) -> int:
    found = client.get_queue_attributes(QueueUrl=settings.url, AttributeNames=["RedrivePolicy"])
    policy = json.loads(found.get("Attributes", {}).get("RedrivePolicy", "{}"))
    if "deadLetterTargetArn" not in policy:
        raise QueueUnavailable(f"{settings.url} has no dead-letter queue: give it a RedrivePolicy")
    account, name = policy["deadLetterTargetArn"].split(":")[-2:]
    dead = client.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
    moved = 0
    while messages := client.receive_message(
        QueueUrl=dead, MaxNumberOfMessages=_BATCH, AttributeNames=["All"], WaitTimeSeconds=1
    ).get("Messages"):
        for message in messages:
            client.send_message(QueueUrl=settings.url, **_again(message, fifo=settings.fifo))
            client.delete_message(QueueUrl=dead, ReceiptHandle=message["ReceiptHandle"])
            moved += 1
    return moved


def _again(message: Any, *, fifo: bool) -> dict[str, Any]:
    """The message to send for one that was given up; a deduplication id of old would have it dropped."""
    entry = {"MessageBody": message["Body"]}
    if fifo:
        entry["MessageGroupId"] = message["Attributes"]["MessageGroupId"]
        entry["MessageDeduplicationId"] = message["MessageId"]
    return entry
