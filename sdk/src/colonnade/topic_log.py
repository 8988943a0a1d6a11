"""The log: the events of each topic, numbered from 1 without a gap, readable for 24 hours.

A topic has a head, which holds the last number given, and a row for each number. One transaction moves the head
from n to n+k on condition that it is n, writes the k rows, and tells each row of the outbox its number on condition
that it has none. So whatever is appended twice, by two at once, or in part before a kill, is numbered exactly once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

from colonnade.conditions import absent, attribute, exists
from colonnade.entities import Entity
from colonnade.errors import ConditionFailed, CursorExpired, StoreConflict
from colonnade.events import Published
from colonnade.outbox import KEPT, OUTBOX, OutboxRow
from colonnade.plugin import PROJECT
from colonnade.store import Key, SortRange, Store, Update, Value, Write, Writes
from colonnade.store_values import value_size

if TYPE_CHECKING:
    from colonnade.context import Clock

# The names are no longer than that of the outbox, so that each topic that fits there fits here.
LOG: Final = Entity(
    PROJECT,
    "Log",
    partition="{topic}",
    sort="{sequence:020d}",
    serves=("what follows a number in a topic",),
    expires=True,
)
HEAD: Final = Entity(PROJECT, "Head", partition="{topic}", serves=("the last number of a topic",))

MOST_TOGETHER: Final = 49
"""Events that one transaction numbers: two writes each, and the head."""

_MOST_BYTES: Final = 1_500_000  # a transaction holds 4 MiB, and each event is in it twice
_ATTEMPTS: Final = 16
_SHOWING: Final = (0.05, 0.2)  # seconds in which all rows of a transaction have come to show


class TopicLog:
    """Numbers events and reads them back; safe to use from several threads, processes and event loops.

    `pause`: waits some seconds before what is missing is looked for again.
    """

    def __init__(
        self, store: Store, clock: Clock, pause: Callable[[float], Awaitable[object]] = asyncio.sleep
    ) -> None:
        self._pause: Final = pause
        self._store: Final = store
        self._clock: Final = clock

    async def append(self, rows: Sequence[OutboxRow], before: set[str] | None = None) -> Mapping[str, int]:
        """Number the events of one topic in the order of `rows`; the number of each by its id.

        What has a number keeps it, and its id is added to `before`. An event whose row of the outbox is gone gets none: it is older than anything the
        log keeps. One read and, for every 49 events, one transaction. Raises `StoreConflict` and `StoreUnavailable`;
        appending the same again is then safe, and numbers what is left.
        """
        if len({row.topic for row in rows}) > 1:
            raise ValueError("append takes the events of one topic at a time")
        numbered: dict[str, int] = {}
        if rows:
            head = await self.head(rows[0].topic)
            for together in _transactions(list({row.id: row for row in rows}.values())):
                head = await self._append(together, head, numbered, set() if before is None else before)
        return numbered

    async def head(self, topic: str) -> int:
        """The number of the topic's last event; 0 before the first."""
        item = await self._store.get(HEAD.key(topic=topic))
        return 0 if item is None else _last(item.attributes)

    async def read(self, topic: str, after: int, limit: int = 100) -> Sequence[Published]:
        """At most `limit` events (1 to 1,000) that follow the number `after`, in order, without a gap; empty at the end.

        Raises `CursorExpired` where what follows `after` is no longer kept, and where `after` was never given. One
        read, and one or two more at the end of the topic.
        """
        if found := await self._following(topic, after, limit):
            return found
        if (head := await self.head(topic)) == after:
            return ()
        # Appended in between; and a transaction of DynamoDB may show in the head a moment before it does in the rows.
        for pause in (0.0, *_SHOWING) if head > after else ():
            if pause:
                await self._pause(pause)
            if found := await self._following(topic, after, limit):
                return found
        raise CursorExpired(
            f"event {after + 1} of this topic is not kept, events are for {KEPT.total_seconds() / 3_600:g} hours: "
            "read the present state and follow from there"
        )

    async def _following(self, topic: str, after: int, limit: int) -> Sequence[Published]:
        if after < 0:
            return ()
        low = LOG.key(topic=topic, sequence=after + 1).sort
        page = await self._store.query(LOG.query(topic=topic, sort=SortRange(low=low), limit=limit))
        events = [_published(item.attributes) for item in page.items]
        return [event for number, event in enumerate(events, after + 1) if event.sequence == number]

    async def _append(
        self, rows: Sequence[OutboxRow], head: int, numbered: dict[str, int], before: set[str]
    ) -> int:
        """Number `rows`, as few as one transaction takes, and add them to `numbered`; the new head."""
        left = list(rows)
        for _ in range(_ATTEMPTS):
            if not left:
                return head
            try:
                await self._store.transact(self._writes(left, head))
            except ConditionFailed as error:
                failed = cast("dict[int, Mapping[str, Value] | None]", error.failed)
                if 0 in failed:
                    head = _last(failed[0] or {})
                had = dict(_numbered(left, failed))
                numbered |= had
                before.update(had)
                left = [row for position, row in enumerate(left, 1) if position not in failed]
            else:
                numbered |= {row.id: number for number, row in enumerate(left, head + 1)}
                return head + len(left)
        raise StoreConflict(
            f"the events of {rows[0].topic} were not numbered: others append at the same time"
        )

    def _writes(self, rows: Sequence[OutboxRow], head: int) -> Writes:
        topic = rows[0].topic
        expires_at = int((self._clock.now() + KEPT).timestamp())
        at_head = attribute("last").equals(head) if head else absent()
        writes: list[Write] = [
            Update(HEAD.key(topic=topic), set={"last": head + len(rows)}, condition=at_head)
        ]
        writes += [
            Update(
                _outbox_key(row),
                set={"sequence": number},
                condition=exists() & attribute("sequence").absent(),
            )
            for number, row in enumerate(rows, head + 1)
        ]
        writes += [
            LOG.put({**_attributes(row), "sequence": number}, condition=absent(), expires_at=expires_at)
            for number, row in enumerate(rows, head + 1)
        ]
        return Writes(writes)


def _numbered(
    rows: Sequence[OutboxRow], failed: Mapping[int, Mapping[str, Value] | None]
) -> Iterator[tuple[str, int]]:
    """The ids of the rows that turn out to have a number, with that."""
    for position, row in enumerate(rows, 1):
        if (found := failed.get(position)) is not None:
            yield row.id, cast(int, found["sequence"])


def _transactions(rows: Sequence[OutboxRow]) -> Iterator[Sequence[OutboxRow]]:
    """`rows` in order, in groups that one transaction takes."""
    together: list[OutboxRow] = []
    size = 0
    for row in rows:
        row_size = value_size(row.payload) + 3 * len(row.topic.encode()) + 500
        if together and (len(together) == MOST_TOGETHER or size + row_size > _MOST_BYTES):
            yield together
            together, size = [], 0
        together.append(row)
        size += row_size
    if together:
        yield together


def _outbox_key(row: OutboxRow) -> Key:
    return OUTBOX.key(topic=row.topic, id=row.id)


def _last(head: Mapping[str, Value]) -> int:
    return cast(int, head.get("last", 0))


def _attributes(row: OutboxRow) -> dict[str, Value]:
    return {
        "topic": row.topic,
        "id": row.id,
        "name": row.name,
        "payload": row.payload,
        "at": row.at.isoformat(),
    }


def _published(kept: Mapping[str, Value]) -> Published:
    return Published(
        id=cast(str, kept["id"]),
        name=cast(str, kept["name"]),
        topic=cast(str, kept["topic"]),
        sequence=cast(int, kept["sequence"]),
        payload=cast("Mapping[str, Value]", kept["payload"]),
        at=datetime.fromisoformat(cast(str, kept["at"])),
    )
