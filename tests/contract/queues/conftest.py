"""Every adapter of `Queue`, seen from its workers' side too: what they take, and what they say became of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from colonnade.queues import Message, Queue
from infra.local.queues import LocalQueue
from infra.queues import QueueSettings, SqsQueue
from infra.queues.rules import MAX_ATTEMPTS

HIDDEN = 30.0


class Desk(Protocol):
    """A queue with its workers."""

    @property
    def queue(self) -> Queue:
        """The queue itself."""

    def take(self) -> Sequence[Any]:
        """The bodies of the messages that a worker is given now."""

    def settle(self, failed: Collection[Any] = ()) -> None:
        """What was taken is done, except the bodies in `failed`, which are to be had again at once."""

    def dead(self) -> Sequence[Any]:
        """The bodies that were given up."""


@dataclass
class LocalDesk:
    queue: LocalQueue
    now: list[float]
    taken: list[Any] = field(default_factory=list)

    def take(self) -> Sequence[Any]:
        self.taken = list(self.queue.take())
        return [json.loads(message.body) for message in self.taken]

    def settle(self, failed: Collection[Any] = ()) -> None:
        self.queue.settle(self.taken, [m.id for m in self.taken if json.loads(m.body) in failed])
        self.now[0] += HIDDEN if failed else 0.0

    def dead(self) -> Sequence[Any]:
        return [json.loads(body) for body in self.queue.dead]


@dataclass
class SqsDesk:
    queue: SqsQueue
    client: Any
    url: str
    dead_url: str
    taken: list[Any] = field(default_factory=list)

    def take(self) -> Sequence[Any]:
        self.taken = self._received(self.url)
        return [json.loads(message["Body"]) for message in self.taken]

    def settle(self, failed: Collection[Any] = ()) -> None:
        for message in self.taken:
            receipt = {"QueueUrl": self.url, "ReceiptHandle": message["ReceiptHandle"]}
            if json.loads(message["Body"]) in failed:
                self.client.change_message_visibility(**receipt, VisibilityTimeout=0)
            else:
                self.client.delete_message(**receipt)

    def dead(self) -> Sequence[Any]:
        self._received(self.url)  # SQS moves a message when it would be given out once more
        return [json.loads(message["Body"]) for message in self._received(self.dead_url)]

    def _received(self, url: str) -> list[Any]:
        answer = self.client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=int(HIDDEN)
        )
        return list(answer.get("Messages", []))


@pytest.fixture(params=["local", "file", "sqs"])
def adapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def fifo(adapter: str, request: pytest.FixtureRequest) -> Iterator[Desk]:
    yield from _desk(adapter, request, first_in_first_out=True)


@pytest.fixture
def standard(adapter: str, request: pytest.FixtureRequest) -> Iterator[Desk]:
    yield from _desk(adapter, request, first_in_first_out=False)


def send(desk: Desk, *messages: Message) -> None:
    asyncio.run(desk.queue.send(messages))


def _desk(adapter: str, request: pytest.FixtureRequest, *, first_in_first_out: bool) -> Iterator[Desk]:
    if adapter == "sqs":
        with mock_aws():
            yield from _sqs(first_in_first_out)
        return
    now = [1_000.0]
    file = request.getfixturevalue("tmp_path") / "queues" / "one" if adapter == "file" else None
    queue = LocalQueue("one", fifo=first_in_first_out, file=file, hidden=HIDDEN, now=lambda: now[0])
    yield LocalDesk(queue, now)
    queue.close()


def _sqs(first_in_first_out: bool) -> Iterator[Desk]:
    client = boto3.client(
        "sqs", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
    )
    ending = ".fifo" if first_in_first_out else ""
    attributes: Any = {"FifoQueue": "true"} if first_in_first_out else {}
    dead_url = client.create_queue(QueueName=f"dead-{uuid4().hex}{ending}", Attributes=attributes)["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=dead_url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    redrive = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": MAX_ATTEMPTS})
    url = client.create_queue(
        QueueName=f"one-{uuid4().hex}{ending}", Attributes={**attributes, "RedrivePolicy": redrive}
    )["QueueUrl"]
    queue = SqsQueue(QueueSettings(url, access_key="test", secret_key="test", first_pause=0.0))
    yield SqsDesk(queue, client, url, dead_url)
    queue.close()
    client.close()
