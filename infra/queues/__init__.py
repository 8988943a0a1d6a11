"""The `Queue` port on SQS, and the queue that a setting names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from colonnade.errors import QueueUnavailable
from colonnade.queues import Message, Queue
from infra.queues.settings import QueueSettings
from infra.queues.sqs import SqsQueue

__all__ = ["QueueSettings", "SqsQueue", "UnnamedQueue", "queue_at"]


class UnnamedQueue:
    """Stands where no setting names a queue. `variable`: which one would."""

    def __init__(self, variable: str) -> None:
        self._variable = variable

    async def send(self, messages: Sequence[Message]) -> None:
        """Raises `QueueUnavailable`."""
        raise QueueUnavailable(f"{self._variable} is not set, so there is no queue to send this to")


def queue_at(place: str | None, variable: str, region: str, *, fifo: bool) -> Queue:
    """The queue at a URL of SQS, in a file on this machine, or nowhere; opens nothing."""
    if place is None:
        return UnnamedQueue(variable)
    if place.startswith(("http://", "https://")):
        return SqsQueue(QueueSettings(place, region=region))
    from infra.local.queues import LocalQueue  # noqa: PLC0415 - a Lambda function never needs it

    return LocalQueue(Path(place).name, fifo=fifo, file=Path(place))
