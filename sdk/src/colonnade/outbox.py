"""The outbox: events on their way, written in the transaction of what they tell of.

A stream carries each row to the log of its topic (`colonnade.topic_log`), which numbers it; from then on the row
says its number, and expires.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from colonnade.conditions import absent
from colonnade.entities import Entity
from colonnade.events import Event
from colonnade.plugin import PROJECT
from colonnade.store import Put

KEPT: Final = timedelta(hours=24)
"""How long events can be read back, from the outbox and from the logs."""

OUTBOX: Final = Entity(
    PROJECT,
    "Outbox",
    partition="{topic}",
    sort="{id}",
    serves=("the stream, in the order of commits within a topic",),
    expires=True,
)


def recorded(event: Event, event_id: str, now: datetime) -> Put:
    """The write that records `event` as `event_id`, to commit with what it tells of."""
    return OUTBOX.put(
        {
            "topic": event.own_topic,
            "id": event_id,
            "name": event.event_name,
            "payload": event.payload(),
            "at": now.isoformat(),
        },
        condition=absent(),
        expires_at=int((now + KEPT).timestamp()),
    )
