"""Where a subscriber of a lossless subscription stands in its topic.

A place is *live*: the deliverer sends it each event, and it has been sent all that the topic's mark says. Or it is
*behind*: a worker that catches up sends it the log from `next` on. A deliverer that meets a place that is behind
writes down how far it was `wanted`, and leaves it; the worker makes it live again on condition that it has sent as far
as that. So each event is sent by one or the other, and by each of them in order.

`version` grows whenever a place falls (further) behind, so that a worker notices that it has to go back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.conditions import Condition, attribute
from colonnade.errors import ConditionFailed
from colonnade.store import Key, Put, Update, Value, Writes
from colonnade.subscriptions.parts import part_name, topic_of
from colonnade.subscriptions.rows import SUBSCRIBER

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

LIVE: Final = "live"
BEHIND: Final = "behind"

CATCH_UP: Final = "subscriptions.catch-up"
"""The job that catches up."""

PATIENCE: Final = 60
"""Seconds after which a catch-up that was asked for is asked for again."""


@dataclass(frozen=True, slots=True)
class Place:
    """A subscriber in a topic. `since`: up to which number it needs nothing; `until`: when its credential ends.

    `next`: what it is to be sent next while it is behind; `snapshot`: whether it is to be sent one before that;
    `due`: when a worker should have been at it, 0 where none has been asked for.
    """

    topic: str
    group: str
    connection: str
    id: str
    nonce: str
    state: str
    since: int
    until: int | None = None
    next: int = 0
    wanted: int = 0
    version: int = 0
    due: int = 0
    snapshot: bool = False
    part: int = 0

    @property
    def name(self) -> str:
        """The name of the part of its topic that it is in."""
        return part_name(self.topic, self.part)

    @property
    def key(self) -> Key:
        return SUBSCRIBER.key(topic=self.name, group=self.group, connection=self.connection, id=self.id)

    @property
    def arguments(self) -> dict[str, Any]:
        """What a job needs to find it."""
        return {
            "topic": self.name,
            "group": self.group,
            "connection": self.connection,
            "id": self.id,
            "nonce": self.nonce,
        }

    def put(self, expires_at: int) -> Put:
        """The write of a new place."""
        row: dict[str, Value] = {name: getattr(self, name) for name in Place.__dataclass_fields__}
        row["topic"] = self.name
        return SUBSCRIBER.put(row, expires_at=expires_at)

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Place:
        """The place that a row tells of; what the version that wrote it did not know has its default."""
        kept: dict[str, Any] = {name: row[name] for name in cls.__dataclass_fields__ if name in row}
        kept["topic"] = topic_of(row["topic"])
        return cls(**kept)


async def place_of(ports: SubscriptionPorts, arguments: Mapping[str, Any]) -> Place | None:
    """The place that the arguments of a job name; None if it is gone, or another has its id."""
    key = SUBSCRIBER.key(**{name: arguments[name] for name in ("topic", "group", "connection", "id")})
    item = await ports.store.get(key)
    if item is None or item.attributes["nonce"] != arguments["nonce"]:
        return None
    return Place.of(cast(Any, item.attributes))


async def change(
    ports: SubscriptionPorts, place: Place, condition: Condition, **values: Value
) -> Place | None:
    """The place with `values`, if `condition` holds of it. Otherwise, as it is now; None if it is gone.

    Whether it was changed shows in the values.
    """
    same = attribute("nonce").equals(place.nonce)
    try:
        await ports.store.transact(Writes([Update(place.key, set=values, condition=same & condition)]))
    except ConditionFailed as error:
        row = cast("Mapping[str, Any] | None", error.failed[0])
        return None if row is None or row["nonce"] != place.nonce else Place.of(row)
    return replace(place, **cast(Any, values))


async def left_behind(ports: SubscriptionPorts, place: Place, through: int) -> Place | None:
    """Leave a place that is behind to its worker, which is to send up to `through`.

    Gives the place if it is live by now, so that it is the caller's to serve; else None.
    """
    if place.wanted < through:
        found = await change(
            ports,
            place,
            attribute("state").equals(BEHIND) & attribute("wanted").below(through),
            wanted=through,
        )
        if found is None or found.state == LIVE:
            return found
        place = found
    if place.due <= ports.now():
        await ask_for_worker(ports, place)
    return None


async def fallen_behind(ports: SubscriptionPorts, place: Place, next_: int, through: int) -> None:
    """Note that a live place was not sent `next_`, and have a worker catch up."""
    found: Place | None = place
    while found is not None:
        if found.state == BEHIND and found.next <= next_:
            break
        wanted, version = max(found.wanted, through), found.version + 1
        still = attribute("state").equals(found.state) & attribute("version").equals(found.version)
        changed = await change(
            ports, found, still, state=BEHIND, next=next_, wanted=wanted, version=version, due=0
        )
        if changed is not None and (changed.version, changed.next) == (version, next_):
            found = changed
            break
        found = changed
    if found is not None and found.due <= ports.now():
        await ask_for_worker(ports, found)


async def ask_for_worker(ports: SubscriptionPorts, place: Place, attempt: int = 0) -> None:
    """Have a worker catch up, soon, or later after each attempt that failed."""
    delay = min(2**attempt, 300)
    await ports.later(CATCH_UP, {**place.arguments, "attempt": attempt}, delay)
    # Only what has been asked for is waited for: a kill before this line has it asked for again.
    await change(ports, place, attribute("state").equals(BEHIND), due=ports.now() + delay + PATIENCE)
