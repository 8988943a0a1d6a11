"""Why the field of a subscription is executed: to be asked what it follows, or to show something to a subscriber.

Each is the root value of one execution of the subscriber's document, in which the field leaves what it found.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import strawberry

if TYPE_CHECKING:
    from colonnade.events import Published
    from colonnade.subscriptions.declaration import SubscriptionField


@strawberry.enum(description="What a message of a conflated subscription is.")
class UpdateKind(Enum):
    SNAPSHOT = strawberry.enum_value(
        "SNAPSHOT", description="What there is to see as the subscription begins."
    )
    UPDATE = strawberry.enum_value(
        "UPDATE", description="The newest event; it replaces what was shown before."
    )
    RESET = strawberry.enum_value(
        "RESET", description="Something was missed that cannot be sent any more: read the state again."
    )
    HEARTBEAT = strawberry.enum_value(
        "HEARTBEAT", description="Nothing has happened for a while, and the subscription is well."
    )


@dataclass(slots=True)
class Asking:
    """Asks what is followed. The field fills in itself, its topics, and where the client wants to go on from."""

    followed: SubscriptionField | None = None
    topics: tuple[str, ...] = ()
    after: str | None = None


@dataclass(slots=True)
class Showing:
    """Shows an event, or a snapshot (`kind` says which), at a place in a topic. `skipped`: not for this subscriber."""

    topic: str
    sequence: int
    kind: UpdateKind = UpdateKind.UPDATE
    published: Published | None = None
    skipped: bool = field(default=False, init=False)


def cursor_scope(topic: str) -> str:
    """What a cursor of a topic is bound to."""
    return f"subscription:{topic}"
