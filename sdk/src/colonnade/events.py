"""Events: what has happened, recorded in the transaction that made it so.

    @event("applause.given", key=("token",))
    class ApplauseGiven(Event):
        token: Address
        applause_id: str

    await context.store.transact(Writes([…, context.record(ApplauseGiven(token=token, applause_id=new_id))]))

Everything downstream follows from that record: event handlers, subscriptions, projections. Each event belongs to one
topic, its name and its key; the events of a topic are numbered in the order in which they were committed.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar, cast, dataclass_transform
from urllib.parse import quote

from colonnade.store import Value, Writes

if TYPE_CHECKING:
    from colonnade.context import Context

E = TypeVar("E", bound="Event")

_NAME: Final = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+")


class Event:
    """What every event is; a subclass is decorated with `event` and declares its fields."""

    event_name: ClassVar[str] = ""
    event_key: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def topic(cls, *key: str | int) -> str:
        """The topic of the events whose key fields have these values, in the order of `key`."""
        if len(key) != len(cls.event_key):
            raise ValueError(f"the key of {cls.event_name} is {cls.event_key}, {len(key)} values were given")
        return "#".join([cls.event_name, *(quote(str(part), safe="") for part in key)])

    @property
    def own_topic(self) -> str:
        """The topic that this event belongs to."""
        return self.topic(*(getattr(self, name) for name in self.event_key))

    def payload(self) -> dict[str, Value]:
        """The fields, as the store keeps them."""
        return {field.name: getattr(self, field.name) for field in fields(cast(Any, self))}

    @classmethod
    def of(cls, payload: Mapping[str, Value]) -> Self:
        """The event that `payload` was made of. What an older version lacks has its default; what a newer one adds
        is passed over. Raises KeyError for a field that has neither a value nor a default."""
        required = required_fields(cls)
        names = (field.name for field in fields(cast(Any, cls)))
        return cls(
            **{name: cast(Any, payload[name]) for name in names if name in payload or name in required}
        )


def required_fields(event_class: type[Event]) -> frozenset[str]:
    """The fields of an event that have no default."""
    return frozenset(
        field.name
        for field in fields(cast(Any, event_class))
        if field.default is MISSING and field.default_factory is MISSING
    )


@dataclass_transform(kw_only_default=True, frozen_default=True)
def event(name: str, *, key: tuple[str, ...] = ()) -> Callable[[type[E]], type[E]]:
    """Make a class an event, a frozen dataclass of values that the store can keep.

    `name`: what it is about and what happened, as in `applause.given`; unique across plugins, kept for ever. `key`:
    the fields whose values tell its topics apart. Raises ValueError for a name of another form.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"an event is called by lower-case words and dots, as in applause.given, not {name!r}"
        )

    def decorate(cls: type[E]) -> type[E]:
        made = dataclass(frozen=True, kw_only=True)(cls)
        unknown = set(key) - {field.name for field in fields(cast(Any, made))}
        if unknown:
            raise ValueError(
                f"the key of {name} names fields that it does not have: {', '.join(sorted(unknown))}"
            )
        made.event_name, made.event_key = name, key
        return made

    return decorate


@dataclass(frozen=True, slots=True)
class EventType:
    """Tells the platform of an event that a plugin records. `description`: what has happened, for operators. `about`:
    the kind of identifier (`colonnade.personal_data`) that the event's key is, where its events tell of an account: they
    are then erased with it. Raises ValueError for that of an event whose key is not one field.
    """

    event: type[Event]
    description: str
    about: str | None = None

    def __post_init__(self) -> None:
        if self.about is not None and len(self.event.event_key) != 1:
            raise ValueError(f"{self.name} is about a {self.about}, so its key is that one field")

    @property
    def name(self) -> str:
        return self.event.event_name


@dataclass(frozen=True, slots=True)
class Published:
    """An event as the log keeps it. `id`: unique; `sequence`: its place in its topic, from 1; `at`: when it was
    recorded, UTC.
    """

    id: str
    name: str
    topic: str
    sequence: int
    payload: Mapping[str, Value]
    at: datetime


@dataclass(frozen=True, slots=True)
class EventHandler:
    """What a plugin does after an event.

    `handle(context, event, published)` gets each event at least once, those of one topic in order, and returns what
    is to be written; the platform commits that together with a mark of (event, handler), so it is written once.
    What it does outside of these writes it may do twice. `name`: unique, kept for ever.
    """

    name: str
    event: type[Event]
    handle: Callable[[Context, Any, Published], Awaitable[Writes]]
