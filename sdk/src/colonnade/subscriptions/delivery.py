"""Delivering: each event of a topic is executed once for a group, and sent to everyone in it.

How far a topic's events have been sent is its mark. A deliverer reads the mark, then the subscribers: whoever is live
in what it reads has been sent everything up to the mark. It moves the mark when all have been sent to, or are left
to a worker; a kill in between has them sent again, which clients drop by their cursors. After each page of
subscribers the mark also says how far the walk over them has come, so that a topic with more of them than one call of a
function can send to is finished by several.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.conditions import attribute
from colonnade.errors import ConditionFailed, CursorExpired, HandlerFailed
from colonnade.publishing import Delivery
from colonnade.store import Key, Position, Query, Update, Writes
from colonnade.subscriptions.conflated_delivery import ConflatedTurn
from colonnade.subscriptions.endings import TOO_OLD, UNAUTHENTICATED, give_up
from colonnade.subscriptions.groups import Group, Shown, document_id, kept_group, show
from colonnade.subscriptions.memberships import Memberships, pages
from colonnade.subscriptions.messages import next_message
from colonnade.subscriptions.occurrences import Showing
from colonnade.subscriptions.parts import part_name, parts_of, topic_of
from colonnade.subscriptions.places import BEHIND, Place, fallen_behind, left_behind
from colonnade.subscriptions.rows import DELIVERED, SUBSCRIBER
from colonnade.subscriptions.sending import Sent, bounded, send

if TYPE_CHECKING:
    from colonnade.events import Published
    from colonnade.subscriptions.ports import SubscriptionPorts

_EVENTS: Final = 100
"""Events that are read, and sent, together."""

PLACES: Final = 500
"""Subscribers that are read together."""


async def deliver(ports: SubscriptionPorts, topic: str, through: int, part: int = 0) -> None:
    """Send what has not been sent of `topic`, at least up to the number `through`, to those in one part of it.

    The first part has the others begin.
    """
    name, others_begun = part_name(topic, part), part > 0
    while True:
        mark = await ports.store.get(DELIVERED.key(topic=name))
        if mark is None:
            return  # Nobody follows it, and whoever begins to writes a mark first.
        if not others_begun:
            # Also where this part is done: a walk may have gone further than what it had the others begin.
            others = range(1, parts_of(cast(Any, mark.attributes), ports.now()))
            await ports.queues.deliveries.send([Delivery(topic, through, part=o).message for o in others])
            others_begun = True
        delivered = cast(int, mark.attributes["through"])
        if delivered >= through:
            return
        walked = cast("tuple[int, str] | None", mark.attributes.get("walked"))
        reached = await _Pass(ports, name, delivered, through, walked).run()
        if reached <= delivered:
            return  # The log holds no more than this: the message was not the log's.
        await _move(ports, name, reached)
        if reached >= through:
            return


async def show_again(ports: SubscriptionPorts, topic: str, document: str, sequence: int) -> None:
    """Show an event to those who follow its topic now with a document that had failed at it. May be done twice."""
    events = await ports.log.read(topic, sequence - 1, 1)
    showing = [(event, Showing(topic, sequence, published=event)) for event in events]
    if not showing or showing[0][0].sequence != sequence:
        raise CursorExpired(f"event {sequence} of {topic} is not kept any more")
    mark = await ports.store.get(DELIVERED.key(topic=topic))
    parts = 1 if mark is None else parts_of(cast(Any, mark.attributes), ports.now())
    for part in range(parts):
        await _show_part_again(ports, part_name(topic, part), document, showing[0][1])


async def _show_part_again(ports: SubscriptionPorts, name: str, document: str, showing: Showing) -> None:
    last: tuple[str, Shown | None] = ("", None)
    async for page in pages(ports, SUBSCRIBER.query(topic=name, limit=PLACES)):
        sending: list[Awaitable[None]] = []
        for place in [Place.of(cast(Any, item.attributes)) for item in page.items]:
            if place.group != last[0]:
                group = await kept_group(ports, place.group)
                fits = group is not None and group.interval_ms is None and document_id(group) == document
                shown = await show(ports, group, showing) if group is not None and fits else None
                if shown is not None and shown.failed:
                    raise HandlerFailed("the event cannot be shown yet; the log has the error")
                last = (place.group, shown)
            if place.until is not None and place.until <= ports.now():
                sending.append(give_up(ports, place, *UNAUTHENTICATED))
            elif last[1] is not None and not last[1].final:
                sending.append(_send_again(ports, place, last[1]))
        await bounded(ports.at_once, sending)


async def _send_again(ports: SubscriptionPorts, place: Place, shown: Shown) -> None:
    await send(ports, place.connection, next_message(place.id, shown.body))


async def _move(ports: SubscriptionPorts, topic: str, through: int) -> None:
    moved = Update(
        DELIVERED.key(topic=topic), set={"through": through}, condition=attribute("through").below(through)
    )
    try:
        await ports.store.transact(Writes([moved]))
    except ConditionFailed:
        return  # Another deliverer was faster, or the last subscriber has left long ago.


@dataclass(slots=True)
class _Pass:
    """One walk over the subscribers in a part of a topic, `name`.

    `walked`: up to which event an earlier walk from the same mark went, and the sort key of the last subscriber it had
    served.
    """

    ports: SubscriptionPorts
    name: str
    delivered: int
    through: int
    walked: tuple[int, str] | None = None
    _events: Sequence[Published] | None = None
    _expired: bool = False
    _groups: dict[str, _GroupTurn] = field(default_factory=dict[str, "_GroupTurn"])
    _amid: str | None = None
    """The group among whose members this walk may have begun."""

    async def run(self) -> int:
        """The number up to which everybody has been sent to, or is left to a worker; the mark where that is all there
        is."""
        query = await self._go_on(SUBSCRIBER.query(topic=self.name, limit=PLACES))
        async for page in pages(self.ports, query):
            places = [Place.of(cast(Any, item.attributes)) for item in page.items]
            if places and self._events is None:
                await self._read()
            if self._events == () and not self._expired:
                break
            await bounded(self.ports.at_once, [self._serve(place) for place in places])
            if places:
                await self._end_groups(but=places[-1].group)
            if page.next is not None:
                await self._note(page.next.key.sort)
        await self._end_groups()
        if self._events:
            lag = self.ports.now_ms() - self._events[0].at.timestamp() * 1_000
            self.ports.measures.count("EventDeliveryLag", lag, "Milliseconds")
            return self._events[-1].sequence
        return self.through if self._events is None or self._expired else self.delivered

    async def _go_on(self, query: Query) -> Query:
        """The query of the subscribers that an earlier walk has not come to, if it is known how far that was.

        Whoever joined since among those it had come to began behind these events, and a worker sends them.
        """
        if self.walked is None or self.walked[0] <= self.delivered:
            return query
        through, sort = self.walked
        await self._read()
        known = tuple(event for event in self._events or () if event.sequence <= through)
        if not known or known[-1].sequence != through:
            return query
        self._events = known
        self._amid = sort.partition("#")[0]
        return replace(query, after=Position(Key(query.partition, sort)))

    async def _note(self, sort: str) -> None:
        if not self._events:
            return
        came = Update(
            DELIVERED.key(topic=self.name),
            set={"walked": [self._events[-1].sequence, sort]},
            condition=attribute("through").equals(self.delivered),
        )
        try:
            await self.ports.store.transact(Writes([came]))
        except ConditionFailed:
            return  # Another deliverer was faster.

    async def _end_groups(self, but: str | None = None) -> None:
        """End the turns of groups that were met. Members of a group follow one another, so that of a page only the last
        group may have more; what the others were shown is forgotten, or it would fill the memory."""
        for group in [group for group in self._groups if group != but]:
            await self._groups.pop(group).end()

    async def _read(self) -> None:
        try:
            self._events = await self.ports.log.read(topic_of(self.name), self.delivered, _EVENTS)
        except CursorExpired:
            self._events, self._expired = (), True
        else:
            self._events = tuple(self._events)

    async def _serve(self, place: Place) -> None:
        if place.until is not None and place.until <= self.ports.now():
            await give_up(self.ports, place, *UNAUTHENTICATED)
            return
        turn = self._groups.get(place.group)
        if turn is None:
            partly = place.group == self._amid
            turn = self._groups[place.group] = _GroupTurn(self.ports, self.name, self._events or (), partly)
        await turn.serve(place, self.delivered if self._expired else None)


@dataclass(slots=True)
class _GroupTurn:
    """What one group is sent in one pass; each event is executed when the first member needs it."""

    ports: SubscriptionPorts
    name: str
    events: Sequence[Published]
    partly: bool
    _group: asyncio.Task[Group | None] | None = None
    _shown: dict[int, asyncio.Task[Shown | None]] = field(
        default_factory=dict[int, "asyncio.Task[Shown | None]"]
    )
    _conflated: ConflatedTurn | None = None

    async def serve(self, place: Place, expired: int | None) -> None:
        """Send this pass to one member. `expired`: behind which number the log no longer knows what followed."""
        if self._group is None:
            self._group = asyncio.ensure_future(kept_group(self.ports, place.group))
        group = await self._group
        if group is None:
            await give_up(self.ports, place, *TOO_OLD)
        elif group.interval_ms is not None:
            if self._conflated is None:
                self._conflated = ConflatedTurn(self.ports, self.name, place.group, group, self.partly)
            await self._conflated.serve(place, self.events[-1] if self.events else None)
        elif expired is not None:
            await give_up(self.ports, place, CursorExpired.code, "events were lost: read the present state")
        else:
            await self._serve_lossless(group, place)

    async def end(self) -> None:
        """Note what a conflated group was sent."""
        if self._conflated is not None:
            await self._conflated.end()

    async def _serve_lossless(self, group: Group, place: Place) -> None:
        last = self.events[-1].sequence
        found: Place | None = place
        if place.state == BEHIND:
            found = await left_behind(self.ports, place, last)
        if found is None:
            return
        for event in self.events:
            if event.sequence <= found.since:
                continue
            shown = await self._show(group, event)
            if shown is None:
                continue
            if shown.final:
                await give_up(self.ports, found, errors=shown.body)
                return
            outcome = await send(self.ports, found.connection, next_message(found.id, shown.body))
            if outcome is Sent.GONE:
                await Memberships(self.ports).end(found.connection)
                return
            if outcome is Sent.NOT_NOW:
                await fallen_behind(self.ports, found, event.sequence, last)
                return

    async def _show(self, group: Group, event: Published) -> Shown | None:
        task = self._shown.get(event.sequence)
        if task is None:
            showing = Showing(event.topic, event.sequence, published=event)
            task = self._shown[event.sequence] = asyncio.ensure_future(show(self.ports, group, showing))
        return await task
