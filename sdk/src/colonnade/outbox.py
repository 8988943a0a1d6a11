"""The outbox: events on their way, written in the transaction of what they tell of.

A stream carries each row to the log of its topic (`colonnade.topic_log`), which numbers it and tells the row its
number. A row outlives whatever the stream may bring again, so that no event is numbered twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from colonnade.conditions import absent
from colonnade.entities import Entity
from colonnade.errors import InvalidWrite
from colonnade.events import Event
from colonnade.plugin import PROJECT
from colonnade.store import Put, Value
from colonnade.store_rules import item_size
from colonnade.store_values import plain
from colonnade.telemetry.record import passed_on

KEPT: Final = timedelta(hours=24)
"""How long events can be read back from the logs; also how long a stream keeps what it has not delivered."""

MARKED: Final = 2 * KEPT
"""How long it is known which events were numbered, and which were handled."""

MAX_EVENT_BYTES: Final = 64 * 1024
"""What an event may hold; what is larger belongs in a row of its own, which the event names."""

OUTBOX: Final = Entity(
    PROJECT,
    "Outbox",
    partition="{topic}",
    sort="{id}",
    serves=("the stream, in the order of commits within a topic", "the number of an event"),
    expires=True,
)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An event as it was recorded, before it has a number. `at`: when, UTC; `traceparent`: of the trace it is part of."""

    id: str
    topic: str
    name: str
    payload: Mapping[str, Value]
    at: datetime
    traceparent: str | None = None

    @classmethod
    def of(cls, attributes: Mapping[str, Value]) -> OutboxRow:
        """The row that holds these attributes. Raises ValueError for what `recorded` never writes."""
        texts = {name: attributes.get(name) for name in ("id", "topic", "name", "at")}
        payload = attributes.get("payload")
        wrong = [name for name, text in texts.items() if not isinstance(text, str)]
        if wrong or not isinstance(payload, Mapping):
            raise ValueError(
                f"no row of the outbox: {', '.join(wrong) or 'payload'} missing or of another type"
            )
        kept = cast("dict[str, str]", texts)
        trace = attributes.get("traceparent")
        return cls(
            kept["id"],
            kept["topic"],
            kept["name"],
            payload,
            datetime.fromisoformat(kept["at"]),
            trace if isinstance(trace, str) else None,
        )


def recorded(event: Event, event_id: str, now: datetime) -> Put:
    """The write that records `event` as `event_id`, to commit with what it tells of.

    Raises `InvalidWrite` for an event that holds more than `MAX_EVENT_BYTES`, or what no store keeps.
    """
    traceparent = passed_on()
    put = OUTBOX.put(
        {
            "topic": event.own_topic,
            "id": event_id,
            "name": event.event_name,
            "payload": {name: plain(value, name) for name, value in event.payload().items()},
            "at": now.isoformat(),
            **({} if traceparent is None else {"traceparent": traceparent}),
        },
        condition=absent(),
        expires_at=int((now + MARKED).timestamp()),
    )
    if (size := item_size(put.item)) > MAX_EVENT_BYTES:
        raise InvalidWrite(
            f"the event {event.event_name} would hold {size} bytes, an event holds at most {MAX_EVENT_BYTES}: "
            "keep what is large in a row of its own, and name that row in the event"
        )
    return put
