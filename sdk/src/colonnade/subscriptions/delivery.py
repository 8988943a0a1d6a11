"""Delivering: each event of a topic is executed once for a group, and sent to everyone in it.

How far a topic's events have been sent is its mark. A deliverer reads the mark, then the subscribers: whoever is live
in what it reads has been sent everything up to the mark. It moves the mark when all have been sent to, or are left
to a worker; a kill in between has them sent again, which clients drop by their cursors. After each page of
subscribers the mark also says how far the walk over them has come, so that a topic with more of them than one call of a
function can send to is finished by several.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.conditions import attribute
from colonnade.errors import ConditionFailed, CursorExpired
from colonnade.store import Key, Position, Query, Update, Writes
from colonnade.subscriptions.conflated_delivery import ConflatedTurn
from colonnade.subscriptions.endings import TOO_OLD, UNAUTHENTICATED, give_up
from colonnade.subscriptions.groups import Group, Shown, kept_group, show
from colonnade.subscriptions.memberships import Memberships, pages
from colonnade.subscriptions.messages import next_message
from colonnade.subscriptions.occurrences import Showing
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


async def deliver(ports: SubscriptionPorts, topic: str, through: int) -> None:
    """Send what has not been sent of `topic`, at least up to the number `through`."""
    while True:
        mark = await ports.store.get(DELIVERED.key(topic=topic))
        if mark is None:
            return  # Nobody follows it, and whoever begins to writes a mark first.
        delivered = cast(int, mark.attributes["through"])
        if delivered >= through:
            return
        walked = cast("tuple[int, str] | None", mark.attributes.get("walked"))
        reached = await _Pass(ports, topic, delivered, through, walked).run()
        if reached <= delivered:
            return  # The log holds no more than this: the message was not the log's.
        await _move(ports, topic, reached)
        if reached >= through:
            return


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
    """One walk over the subscribers of a topic.

    `walked`: up to which event an earlier walk from the same mark went, and the sort key of the last subscriber it had
    served.
    """

    ports: SubscriptionPorts
    topic: str
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
        query = await self._go_on(SUBSCRIBER.query(topic=self.topic, limit=PLACES))
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
            DELIVERED.key(topic=self.topic),
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
            self._events = await self.ports.log.read(self.topic, self.delivered, _EVENTS)
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
            turn = self._groups[place.group] = _GroupTurn(self.ports, self.topic, self._events or (), partly)
        await turn.serve(place, self.delivered if self._expired else None)


@dataclass(slots=True)
class _GroupTurn:
    """What one group is sent in one pass; each event is executed when the first member needs it."""

    ports: SubscriptionPorts
    topic: str
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
                self._conflated = ConflatedTurn(self.ports, self.topic, place.group, group, self.partly)
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
            showing = Showing(self.topic, event.sequence, published=event)
            task = self._shown[event.sequence] = asyncio.ensure_future(show(self.ports, group, showing))
        return await task
