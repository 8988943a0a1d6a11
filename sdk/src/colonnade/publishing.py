"""From the outbox onward: events get their numbers, subscriptions are told, handlers run.

The order is: number, tell, handle. Each step may be done again, and whoever brings the rows brings them again until
every step has succeeded; so a process may end anywhere in between, and nothing is lost or overtaken.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import zlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias, cast

from colonnade.errors import QueueUnavailable
from colonnade.events import Published
from colonnade.handling import EventHandling
from colonnade.outbox import OutboxRow
from colonnade.queues import Message, Queue
from colonnade.telemetry.measures import NO_MEASURES, Measures
from colonnade.topic_log import TopicLog

SHARDS: Final = 128
"""Groups of topics: as many deliverers can work at once."""

MOST_AGAIN: Final = 50
"""Tasks that follow one another before a delivery is left to the topic's next event: some six hours."""

_TOPICS_AT_ONCE: Final = 8

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The task of a deliverer: the topic's events up to the number `through` are in the log.

    `again`: how many such tasks the queue has given up before this one. `part`: of the topic's subscribers
    (`colonnade.subscriptions.parts`). `traceparent`: of the trace in which the last of the events was recorded.
    `brought_again`: whether an attempt came before this, whose process may have ended amid it; whoever takes the task
    from the queue says so, the message does not.
    """

    topic: str
    through: int
    again: int = 0
    part: int = 0
    traceparent: str | None = field(default=None, compare=False)
    brought_again: bool = False

    @property
    def message(self) -> Message:
        """The task in the queue of deliveries; sent twice within five minutes it counts once."""
        body: dict[str, Any] = {"topic": self.topic, "through": self.through}
        spread = self.topic if not self.part else f"{self.topic}/{self.part}"
        digest = hashlib.sha256(spread.encode()).hexdigest()[:32]
        deduplication_id = f"{digest}:{self.through}"
        if self.again:
            body["again"] = self.again
            deduplication_id += f":{self.again}"
        if self.part:
            body["part"] = self.part
        if self.traceparent is not None:
            body["traceparent"] = self.traceparent
        return Message(
            body,
            group=f"topics-{zlib.crc32(spread.encode()) % SHARDS}",
            deduplication_id=deduplication_id,
        )

    @property
    def once_more(self) -> Delivery | None:
        """The task that takes this one's place where the queue gives it up; None where that is of no use any more."""
        return replace(self, again=self.again + 1, brought_again=False) if self.again < MOST_AGAIN else None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Delivery:
        """The task that a message's body describes. Raises ValueError for any other body."""
        topic, through = body.get("topic"), body.get("through")
        again, part = body.get("again", 0), body.get("part", 0)
        if not isinstance(topic, str) or any(type(number) is not int for number in (through, again, part)):
            raise ValueError(f"a delivery names a topic and a number, not {dict(body)!r:.200}")
        trace = body.get("traceparent")
        return cls(topic, cast(int, through), again, part, trace if isinstance(trace, str) else None)


Deliver: TypeAlias = Callable[[Delivery], Awaitable[None]]
"""Delivers to everybody who follows a topic; may be asked for the same twice. What it raises, it is asked again."""


@dataclass(frozen=True, slots=True)
class EventRelay:
    """Carries rows of the outbox onward. `declared`: names of the events that somebody declares.

    `measures` is told how long after its recording an event was numbered, in `EventNumberingLag`.
    """

    log: TopicLog
    handling: EventHandling
    deliveries: Queue
    declared: Collection[str]
    measures: Measures = NO_MEASURES
    _warned: set[str] = field(default_factory=set[str])

    async def relay(self, rows: Sequence[OutboxRow]) -> frozenset[str]:
        """Carry on rows that a stream brought, in its order; the ids of those that must be brought again.

        Of a topic, no event overtakes one that failed; other topics go on.
        """
        topics: dict[str, list[OutboxRow]] = {}
        for row in rows:
            topics.setdefault(row.topic, []).append(row)
            self._warn(row)
        limit = asyncio.Semaphore(_TOPICS_AT_ONCE)
        again: set[str] = set()
        numbered = await asyncio.gather(
            *(self._number(limit, together, again) for together in topics.values())
        )
        traces = {row.id: row.traceparent for row in rows}
        told = await self._tell([events for events in numbered if events], traces)
        # What came before may have ended the process: one by one, nobody else is taken for the one who did.
        limit = asyncio.Semaphore(1 if again else _TOPICS_AT_ONCE)
        handled = await asyncio.gather(
            *(self._handle(limit, events, again, traces) for events in numbered if events)
        )
        failed: set[str] = set() if told else {row.id for row in rows}
        failed.update(*handled)
        for together, events in zip(topics.values(), numbered, strict=True):
            if events is None:
                failed |= {row.id for row in together}
        return frozenset(failed)

    async def _number(
        self, limit: asyncio.Semaphore, rows: Sequence[OutboxRow], again: set[str]
    ) -> Sequence[Published] | None:
        """The events of one topic as the log has them, or None where it did not take them.

        The ids of those that it had before are added to `again`.
        """
        async with limit:
            try:
                sequences = await self.log.append(rows, again)
            except Exception:
                _log.warning(
                    "Events were not numbered, and are tried again",
                    extra={"fields": {"topic": rows[0].topic, "events": len(rows)}},
                    exc_info=True,
                )
                return None
        lag = (self.handling.clock.now() - min(row.at for row in rows)).total_seconds() * 1_000
        self.measures.count("EventNumberingLag", lag, "Milliseconds")
        late = [row.id for row in rows if row.id not in sequences]
        if late:
            _log.error(
                "Events came too late to be published",
                extra={"fields": {"topic": rows[0].topic, "eventIds": late}},
            )
        return [
            Published(row.id, row.name, row.topic, sequences[row.id], row.payload, row.at)
            for row in {row.id: row for row in rows}.values()
            if row.id in sequences
        ]

    async def _tell(self, numbered: Sequence[Sequence[Published]], traces: Mapping[str, str | None]) -> bool:
        """Have the events delivered; whether the queue took all of it. `traces`: by the ids of events."""
        lasts = [max(events, key=lambda event: event.sequence) for events in numbered]
        tasks = [Delivery(last.topic, last.sequence, traceparent=traces[last.id]) for last in lasts]
        if tasks:
            try:
                await self.deliveries.send([task.message for task in tasks])
            except QueueUnavailable:
                _log.warning("The queue of deliveries did not take every task", exc_info=True)
                return False
        return True

    async def _handle(
        self,
        limit: asyncio.Semaphore,
        events: Sequence[Published],
        again: Collection[str],
        traces: Mapping[str, str | None],
    ) -> set[str]:
        """Give the events of one topic to their handlers, each in order; the ids of those that must come again."""
        failed: set[str] = set()
        waiting: set[str] = set()
        async with limit:
            for event in events:
                for name in self.handling.names(event.name):
                    if name not in waiting:
                        try:
                            await self.handling.handle(
                                name, event, again=event.id in again, traceparent=traces[event.id]
                            )
                        except Exception:
                            _log.warning(
                                "An event is given to a handler again",
                                extra={
                                    "fields": {"handler": name, "topic": event.topic, "eventId": event.id}
                                },
                                exc_info=True,
                            )
                            waiting.add(name)
                    if name in waiting:
                        failed.add(event.id)
        return failed

    def _warn(self, row: OutboxRow) -> None:
        if row.name not in self.declared and row.name not in self._warned:
            self._warned.add(row.name)
            _log.warning(
                "An event is recorded that no plugin declares; return it from the `event_types` hook",
                extra={"fields": {"event": row.name}},
            )
