"""Delivering: each event of a topic is executed once for a group, and sent to everyone in it.

How far a topic's events have been sent is its mark. A deliverer reads the mark, then the subscribers: whoever is live
in what it reads has been sent everything up to the mark. It moves the mark when all have been sent to, or are left
to a worker; a kill in between has them sent again, which clients drop by their cursors. After each page of
subscribers the mark also says how far the walk over them has come, so that a topic with more of them than one call of a
function can send to is finished by several.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.conditions import attribute
from colonnade.errors import ConditionFailed, CursorExpired
from colonnade.publishing import Delivery
from colonnade.store import Key, Page, Position, Query, Update, Value, Writes
from colonnade.subscriptions.endings import UNAUTHENTICATED, give_up
from colonnade.subscriptions.group_turns import GroupTurn
from colonnade.subscriptions.groups import kept_groups, show
from colonnade.subscriptions.parts import part_name, parts_of, topic_of
from colonnade.subscriptions.places import Place
from colonnade.subscriptions.rows import DELIVERED, SUBSCRIBER
from colonnade.subscriptions.sending import bounded

if TYPE_CHECKING:
    from colonnade.events import Published
    from colonnade.subscriptions.caution import Caution
    from colonnade.subscriptions.ports import SubscriptionPorts

_EVENTS: Final = 100
"""Events that are read, and sent, together."""

PLACES: Final = 500
"""Subscribers that are read together."""


async def deliver(ports: SubscriptionPorts, task: Delivery) -> None:
    """Send what has not been sent of the topic, at least up to the number `through`, to those in one part of it.

    The first part has the others begin, of the same trace. Where the process of an attempt before may have ended amid
    it, what this one executes is noted before (`colonnade.subscriptions.caution`).
    """
    topic, through = task.topic, task.through
    name, others_begun = part_name(topic, task.part), task.part > 0
    while True:
        mark = await ports.store.get(DELIVERED.key(topic=name))
        if mark is None:
            return  # Nobody follows it, and whoever begins to writes a mark first.
        if not others_begun:
            # Also where this part is done: a walk may have gone further than what it had the others begin.
            others = range(1, parts_of(cast(Any, mark.attributes), ports.now()))
            tasks = [Delivery(topic, through, part=o, traceparent=task.traceparent) for o in others]
            await ports.queues.deliveries.send([other.message for other in tasks])
            others_begun = True
        delivered = cast(int, mark.attributes["through"])
        if delivered >= through:
            return
        walked = cast("tuple[int, str] | None", mark.attributes.get("walked"))
        caution = _caution(ports, name, delivered, mark.attributes, again=task.brought_again)
        reached = await _Pass(ports, name, delivered, through, walked, caution).run()
        if reached <= delivered:
            return  # The log holds no more than this: the message was not the log's.
        await _move(ports, name, reached)
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


def _caution(
    ports: SubscriptionPorts, name: str, delivered: int, mark: Mapping[str, Value], *, again: bool
) -> Caution | None:
    if not again and not mark.get("tried"):
        return None
    from colonnade.subscriptions.caution import Caution  # noqa: PLC0415 (only after a process ended)

    return Caution.of(ports, name, delivered, mark, noting=again)


@dataclass(slots=True)
class _Pass:
    """One walk over the subscribers in a part of a topic, `name`.

    `walked`: up to which event an earlier walk from the same mark went, and the sort key of the last subscriber it had
    served; `caution`: what is known of processes that ended amid such a walk. A walk notes how far it came after each
    page, so that whatever ended it is in the first that this one comes to.
    """

    ports: SubscriptionPorts
    name: str
    delivered: int
    through: int
    walked: tuple[int, str] | None = None
    caution: Caution | None = None
    _events: Sequence[Published] | None = None
    _expired: bool = False
    _groups: dict[str, GroupTurn] = field(default_factory=dict[str, "GroupTurn"])
    _amid: str | None = None
    """The group among whose members this walk may have begun."""

    async def run(self) -> int:
        """The number up to which everybody has been sent to, or is left to a worker; the mark where that is all there
        is."""
        try:
            return await self._run()
        except Exception:
            if self.caution is not None:
                await self.caution.failed()
            raise

    async def _run(self) -> int:
        query = await self._go_on(SUBSCRIBER.query(topic=self.name, limit=PLACES))
        async for page in self._pages(query):
            places = [Place.of(cast(Any, item.attributes)) for item in page.items]
            if places and self._events is None:
                await self._read()
            if self._events == () and not self._expired:
                break
            await self._meet(places)
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

    async def _pages(self, query: Query) -> AsyncIterator[Page]:
        """The pages of subscribers; small ones where caution is in place, for as many as one page has otherwise."""
        cautious = PLACES if self._noting else 0
        while True:
            limit = min(cautious, self.ports.at_once) if cautious > 0 else PLACES
            page = await self.ports.store.query(replace(query, limit=limit))
            yield page
            if page.next is None:
                return
            query = replace(query, after=page.next)
            cautious -= len(page.items)
            if cautious <= 0 and self.caution is not None:
                self.caution.noting = False

    async def _go_on(self, query: Query) -> Query:
        """The query of the subscribers that an earlier walk has not come to, if it is known how far that was.

        Whoever joined since among those it had come to began behind these events, and a worker sends them.
        """
        if self.walked is None or self.walked[0] <= self.delivered:
            return query
        through, sort = self.walked
        await self._read(_EVENTS)
        known = tuple(event for event in self._events or () if event.sequence <= through)
        if not known or known[-1].sequence != through:
            if self._noting:
                self._events = tuple(self._events or ())[:1]
            return query
        self._events = known
        self._amid = sort.partition("#")[0]
        return replace(query, after=Position(Key(query.partition, sort)))

    async def _note(self, sort: str) -> None:
        if not self._events:
            return
        walked: dict[str, Value] = {"walked": [self._events[-1].sequence, sort]}
        condition = attribute("through").equals(self.delivered)
        if self.caution is not None:
            tried, nobody_else = self.caution.progress()
            walked, condition = {**walked, **tried}, condition & nobody_else
        came = Update(DELIVERED.key(topic=self.name), set=walked, condition=condition)
        try:
            await self.ports.store.transact(Writes([came]))
        except ConditionFailed:
            return  # Another deliverer was faster.

    async def _end_groups(self, but: str | None = None) -> None:
        """End the turns of groups that were met. Members of a group follow one another, so that of a page only the last
        group may have more; what the others were shown is forgotten, or it would fill the memory."""
        for group in [group for group in self._groups if group != but]:
            await self._groups.pop(group).end()

    @property
    def _noting(self) -> bool:
        return self.caution is not None and self.caution.noting

    async def _read(self, most: int | None = None) -> None:
        """Read the events; where caution is in place one alone, that those before what ended a process are behind."""
        most = most or (1 if self._noting else _EVENTS)
        try:
            self._events = tuple(await self.ports.log.read(topic_of(self.name), self.delivered, most))
        except CursorExpired:
            self._events, self._expired = (), True

    async def _meet(self, places: Sequence[Place]) -> None:
        """Read together the groups whose turn begins with these."""
        wanted = dict.fromkeys(place.group for place in places if not self._is_over(place))
        new = [group_id for group_id in wanted if group_id not in self._groups]
        for group_id, group in (await kept_groups(self.ports, new)).items():
            self._groups[group_id] = GroupTurn(
                self.ports,
                self.name,
                group,
                self._events or (),
                group_id == self._amid,
                show if self.caution is None else self.caution.show,
            )

    async def _serve(self, place: Place) -> None:
        turn = self._groups.get(place.group)
        if turn is None or self._is_over(place):
            await give_up(self.ports, place, *UNAUTHENTICATED)
        else:
            await turn.serve(place, self.delivered if self._expired else None)

    def _is_over(self, place: Place) -> bool:
        """Whether its credential has ended."""
        return place.until is not None and place.until <= self.ports.now()
