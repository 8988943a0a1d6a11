"""Beginning to follow: from a `subscribe` message to rows, and to what is sent first."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from colonnade.conditions import absent, exists
from colonnade.errors import ColonnadeError, ConditionFailed, CursorExpired, InvalidCursor, InvalidRequest
from colonnade.server.operations import Prepared
from colonnade.store import Item, Key, Put, Update, Write, Writes
from colonnade.subscriptions import parts
from colonnade.subscriptions.catching_up import work_off
from colonnade.subscriptions.conflated_delivery import send_shown
from colonnade.subscriptions.conflation import Interval
from colonnade.subscriptions.groups import Group, group_of, show
from colonnade.subscriptions.memberships import Begun, Connected, Memberships
from colonnade.subscriptions.occurrences import Asking, Showing, UpdateKind, cursor_scope
from colonnade.subscriptions.places import BEHIND, CATCH_UP, LIVE, PATIENCE, Place
from colonnade.subscriptions.rows import DELIVERED, GROUP, GROUPED, MARKED, SUBSCRIPTION
from colonnade.subscriptions.sending import hang_up

if TYPE_CHECKING:
    from colonnade.context import Context
    from colonnade.subscriptions.ports import SubscriptionPorts

LARGEST_GROUP: Final = 32 * 1024
"""Bytes of a document with its variables: they are kept for hours, and read again with each event."""

_FIRST_SECONDS: Final = 8
"""After which what a client resumes from is left to a worker: the gateway waits 29 seconds for a function."""

LONGEST_TOPIC: Final = 300
"""Bytes of a topic, which is part of several keys."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client asked to follow."""

    connected: Connected
    id: str
    query: str
    prepared: Prepared
    variables: Mapping[str, Any]


async def follow(ports: SubscriptionPorts, wish: Wish, context: Context) -> Begun | list[dict[str, Any]]:
    """Begin a subscription, and send what comes first; or the errors of a document that cannot be followed.

    Raises `RequestError`, `InvalidCursor`, `CursorExpired` and `InvalidRequest`.
    """
    if wish.connected.active >= ports.limits.subscriptions:
        # Before anything is asked or written; whether there is room is settled at the end.
        return Begun.TOO_MANY
    asking = Asking()
    body = await ports.server.operations.run(
        wish.prepared, wish.variables, context, context.request_id, root=asking
    )
    if "errors" in body:
        errors: list[dict[str, Any]] = body["errors"]
        return errors
    if asking.followed is None:
        raise InvalidRequest("nothing is followed: the field is left out by @skip or @include")
    if any(len(topic.encode()) > LONGEST_TOPIC for topic in asking.topics):
        raise InvalidRequest("the arguments are too long")
    group = group_of(wish.query, wish.prepared, wish.variables, asking, wish.connected.principal)
    if group.size > LARGEST_GROUP:
        raise InvalidRequest(
            f"the document and its variables take {group.size:,} bytes, what is followed {LARGEST_GROUP:,} at most"
        )
    places = await _places(ports, wish, asking, group, context)
    subscription = _subscription(wish, places)
    if any(place.state == BEHIND for place in places):
        # Should this process end before it has caught up, another does it.
        await ports.later(CATCH_UP, places[0].arguments, PATIENCE)
    subscribers = [place.put(wish.connected.expires_at) for place in places]
    memberships = Memberships(ports)
    try:
        begun = await memberships.begin(subscription, subscribers, wish.connected.id)
        if begun is Begun.YES:
            await _first(ports, group, places)
    except (Exception, asyncio.CancelledError):
        await _take_back(ports, places[0])
        raise
    return begun


async def _take_back(ports: SubscriptionPorts, place: Place) -> None:
    """End a subscription that its client is told has failed; whether it had begun may be unknown.

    Where that fails as well its socket is closed, and everything goes with it.
    """
    try:
        await Memberships(ports).drop(place.connection, place.id, place.nonce)
    except ColonnadeError:
        await hang_up(ports, place.connection)


async def _first(ports: SubscriptionPorts, group: Group, places: list[Place]) -> None:
    for place in places:
        if place.state == BEHIND:
            await work_off(ports, group, place, _FIRST_SECONDS)
    if group.interval_ms is not None and group.has_snapshot:
        newest = max(places, key=lambda place: place.since)
        shown = await show(ports, group, Showing(newest.topic, newest.since, UpdateKind.SNAPSHOT))
        await send_shown(ports, newest, shown)


async def _places(
    ports: SubscriptionPorts, wish: Wish, asking: Asking, group: Group, context: Context
) -> list[Place]:
    """A place in each topic, with the rows that others share written if they are not there."""
    principal = wish.connected.principal
    heads = {topic: await ports.log.head(topic) for topic in asking.topics}
    after = _after(context, asking, heads)
    chosen = await _prepare(ports, group, heads, wish.connected)
    nonce = ports.ids.new("sub")
    places: list[Place] = []
    for topic, head in heads.items():
        since = head if after is None else after
        lossless = group.interval_ms is None
        places.append(
            Place(
                topic=topic,
                group=group.id,
                connection=wish.connected.id,
                id=wish.id,
                nonce=nonce,
                # Deliverers who are at work know nothing of it yet, and will move the mark all the same.
                state=BEHIND if lossless else LIVE,
                since=since,
                until=principal.expires_at if principal else None,
                next=since + 1,
                due=ports.now() + PATIENCE,
                snapshot=lossless and group.has_snapshot and after is None,
                part=chosen[topic],
            )
        )
    return places


def _after(context: Context, asking: Asking, heads: Mapping[str, int]) -> int | None:
    """The number a client goes on behind."""
    if asking.after is None:
        return None
    ((topic, head),) = heads.items()
    (number, *_) = context.cursors.open(cursor_scope(topic), asking.after)
    if not isinstance(number, int) or number < 0:
        raise InvalidCursor("this cursor was made by another version of this subscription; begin without it")
    if number > head:
        raise CursorExpired(
            "what this cursor was given for is not kept: read the present state and begin again"
        )
    return number


async def _prepare(
    ports: SubscriptionPorts, group: Group, heads: Mapping[str, int], connected: Connected
) -> Mapping[str, int]:
    """Write what is shared, where it is missing or would expire too soon; the part of each topic to follow in."""
    needed_until = connected.expires_at
    counters = {topic: parts.counters(ports, topic) for topic in heads}
    group_key = GROUP.key(group=group.id)
    wanted = [group_key, *_shared(heads, group), *(key for pair in counters.values() for key in pair)]
    found = dict(await ports.store.batch_get(wanted))
    chosen = {
        topic: parts.part_for(connected.id, parts.wanted(parts.joined(found, counters[topic])))
        for topic in heads
    }
    names = {parts.part_name(topic, part): topic for topic, part in chosen.items() if part}
    if names:
        found.update(await ports.store.batch_get(_shared(names, group)))
    expires_at = ports.now() + int(GROUPED.total_seconds())
    if _is_short(found.get(group_key), needed_until):
        await ports.store.transact(Writes([group.put(expires_at)]))
    mark_until = ports.now() + int(MARKED.total_seconds())
    for topic, part in chosen.items():
        name = parts.part_name(topic, part)
        if group.interval_ms is not None:
            interval = Interval(name, group.id, group.interval_ms)
            await _keep(ports, found.get(interval.key), interval.put(heads[topic], expires_at), needed_until)
        for marked in dict.fromkeys((topic, name)):
            mark = DELIVERED.put({"topic": marked, "through": heads[topic]}, expires_at=mark_until)
            await _keep(ports, found.get(mark.key), mark, needed_until)
        first = found.get(DELIVERED.key(topic=topic))
        if first is not None:
            await parts.count(ports, topic)
        if part:
            there_are = parts.wanted(parts.joined(found, counters[topic]))
            await parts.spread(ports, topic, first.attributes if first else {}, there_are, needed_until)
    return chosen


def _shared(names: Collection[str], group: Group) -> list[Key]:
    """The rows that those share who follow in parts of these names, apart from their group."""
    marks = [DELIVERED.key(topic=name) for name in names]
    if group.interval_ms is None:
        return marks
    return [*marks, *(Interval(name, group.id, group.interval_ms).key for name in names)]


async def _keep(ports: SubscriptionPorts, item: Item | None, put: Put, needed_until: int) -> None:
    """Write a row that is not there; let one that is there stay long enough."""
    if not _is_short(item, needed_until):
        return
    write: Write = (
        Put(put.item, absent())
        if item is None
        else Update(put.key, condition=exists(), expires_at=put.item.expires_at)
    )
    try:
        await ports.store.transact(Writes([write]))
    except ConditionFailed:
        if item is not None:
            # It expired in between.
            await ports.store.transact(Writes([put]))


def _is_short(item: Item | None, needed_until: int) -> bool:
    return item is None or (item.expires_at or 0) < needed_until


def _subscription(wish: Wish, places: list[Place]) -> Put:
    row = {
        "connection": wish.connected.id,
        "id": wish.id,
        "state": "following",
        "nonce": places[0].nonce,
        "group": places[0].group,
        "account": wish.connected.account,
        "topics": [place.name for place in places],
    }
    return SUBSCRIPTION.put(row, condition=absent(), expires_at=wish.connected.expires_at)
