"""What follows from events, done at once: a stream, a log and a queue for tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from colonnade.composer import Composition
from colonnade.context import Clock, Context
from colonnade.errors import QueueUnavailable
from colonnade.events import Published
from colonnade.handling import EventHandling
from colonnade.queues import Message
from colonnade.store import Store
from colonnade.testing.recording_store import RecordingStore
from colonnade.topic_log import TopicLog


class NoQueue:
    """In a test nothing waits for later."""

    async def send(self, messages: Sequence[Message]) -> None:
        """Raises `QueueUnavailable`."""
        raise QueueUnavailable("a test has no queue; what failed is to be seen at once")


async def settle(
    store: RecordingStore,
    whole_store: Store,
    clock: Clock,
    composition: Composition,
    make_context: Callable[[str], Context],
    times: int,
) -> Sequence[Published]:
    """Number the events that `store` noted, give each to its handlers `times` times, and go on until none is left.

    Returns them in that order. Raises `HandlerFailed` with what a handler raised as its cause.
    """
    log = TopicLog(whole_store, clock)
    handling = EventHandling(composition.event_handlers, whole_store, clock, NoQueue(), make_context)
    settled: list[Published] = []
    while rows := store.recorded():
        for row in rows:
            sequence = (await log.append([row]))[row.id]
            event = Published(row.id, row.name, row.topic, sequence, row.payload, row.at)
            for name in handling.names(row.name):
                for _ in range(times):
                    await handling.handle(name, event)
            settled.append(event)
    return settled
