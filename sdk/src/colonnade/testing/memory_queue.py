"""A queue in memory that does nothing by itself: a test takes what is in it."""

from __future__ import annotations

from collections.abc import Sequence

from colonnade.queues import Message


class MemoryQueue:
    """A `Queue` that keeps its messages in the order in which they came, delays or not."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    async def send(self, messages: Sequence[Message]) -> None:
        """See `Queue.send`."""
        self.messages.extend(messages)

    def take(self) -> list[Message]:
        """Everything that waits, which then waits no more."""
        taken, self.messages = self.messages, []
        return taken
