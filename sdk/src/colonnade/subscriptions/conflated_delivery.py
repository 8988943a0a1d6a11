"""Sending conflated groups what is newest: as events come, when an interval is over, and when all is quiet."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.errors import CursorExpired
from colonnade.store import Key, Position, SortRange
from colonnade.subscriptions.conflation import FLUSH, SHARDS, Claim, Interval
from colonnade.subscriptions.endings import UNAUTHENTICATED, give_up
from colonnade.subscriptions.groups import Group, Show, Shown, kept_group, show
from colonnade.subscriptions.memberships import Memberships, pages
from colonnade.subscriptions.messages import next_message
from colonnade.subscriptions.occurrences import Showing, UpdateKind
from colonnade.subscriptions.parts import topic_of
from colonnade.subscriptions.places import Place, place_of
from colonnade.subscriptions.rows import CONFLATION, SUBSCRIBER
from colonnade.subscriptions.sending import Sent, bounded, send

if TYPE_CHECKING:
    from colonnade.events import Published
    from colonnade.subscriptions.ports import SubscriptionPorts

QUIET_MS: Final = 50_000
"""After how long without an event a group gets a heartbeat."""

_FLUSH_SECONDS: Final = 30
"""After which a flush leaves the rest of a group to another; a job may take a minute."""

_GROUPS_AT_ONCE: Final = 8

_MOST_ATTEMPTS: Final = 12


@dataclass(slots=True)
class ConflatedTurn:
    """The newest event, for one group.

    `name`: of the part of a topic in which its members are. `partly`: an earlier walk came to some of its members, and what it did for them is not known here. A turn for the
    others alone would have the event noted as sent to all, so a task looks at the whole group.
    """

    ports: SubscriptionPorts
    name: str
    group_id: str
    group: Group
    partly: bool = False
    show: Show = show
    _claim: asyncio.Future[Claim] | None = None
    _shown: asyncio.Task[Shown | None] | None = None
    _sequence: int = 0

    async def serve(self, place: Place, event: Published | None) -> None:
        """Send it to one member, unless this is not the time. Without an event the log knows none: a reset."""
        sequence = event.sequence if event else await self.ports.log.head(topic_of(self.name))
        if sequence <= place.since:
            return
        if self._claim is None:
            self._sequence = sequence
            claim = self._leave() if self.partly else self._interval.claim(self.ports, sequence)
            self._claim = asyncio.ensure_future(claim)
        if await self._claim is not Claim.YES:
            return
        if self._shown is None:
            kind = UpdateKind.UPDATE if event else UpdateKind.RESET
            showing = Showing(topic_of(self.name), sequence, kind, published=event)
            self._shown = asyncio.ensure_future(self.show(self.ports, self.group, showing))
        await send_shown(self.ports, place, await self._shown)

    async def sending(self) -> int | None:
        """The number of the event that is being sent to the group; None where nothing is."""
        if self._claim is not None and await self._claim is Claim.YES:
            return self._sequence
        return None

    def go_on(self, sequence: int) -> None:
        """Send to those whom an earlier turn, which was sending the event of that number, did not come to."""
        self._sequence = sequence
        self._claim = asyncio.get_running_loop().create_future()
        self._claim.set_result(Claim.YES)

    async def end(self) -> None:
        """Note what was sent."""
        sequence = await self.sending()
        if sequence is not None:
            await self._interval.done(self.ports, sequence)

    async def _leave(self) -> Claim:
        await self.ports.later(FLUSH, {"topic": self.name, "group": self.group_id})
        return Claim.LATER

    @property
    def _interval(self) -> Interval:
        return Interval(self.name, self.group_id, self.group.interval_ms or 0)


async def send_shown(ports: SubscriptionPorts, place: Place, shown: Shown | None, attempt: int = 0) -> None:
    """Send an update to one member; one who takes no message now gets the newest later."""
    if place.until is not None and place.until <= ports.now():
        await give_up(ports, place, *UNAUTHENTICATED)
    elif shown is None:
        return
    elif shown.final:
        await give_up(ports, place, errors=shown.body)
    else:
        outcome = await send(ports, place.connection, next_message(place.id, shown.body))
        if outcome is Sent.GONE:
            await Memberships(ports).end(place.connection)
        elif outcome is Sent.NOT_NOW and attempt < _MOST_ATTEMPTS:
            await ports.later(FLUSH, {**place.arguments, "attempt": attempt + 1}, min(2**attempt, 300))


async def flush(ports: SubscriptionPorts, arguments: Mapping[str, Any]) -> None:
    """Send the newest event to a group whose interval is over, or to the one member that `arguments` name.

    Without caution (`colonnade.subscriptions.caution`): what ends the process costs as many as the queue brings the task
    to. Then the group is shown the next event, and nobody else has waited.

    A group that is too large for one job is left to another from where this one came: `rest`, the event's number and the
    sort key of the last member that was served.
    """
    name, group_id = arguments["topic"], arguments["group"]
    group = await kept_group(ports, group_id)
    if group is None:
        return
    if "connection" in arguments:
        await _flush_one(ports, group, arguments)
        return
    turn = ConflatedTurn(ports, name, group_id, group)
    members = SUBSCRIBER.query(topic=name, sort=SortRange(prefix=f"{group_id}#"))
    if "rest" in arguments:
        sequence, sort = arguments["rest"]
        turn.go_on(sequence)
        members = replace(members, after=Position(Key(members.partition, sort)))
    else:
        await Interval(name, group_id, group.interval_ms or 0).reopen(ports)
    event = await _newest(ports, topic_of(name))
    ends = ports.now() + _FLUSH_SECONDS
    async for page in pages(ports, members):
        places = [Place.of(cast(Any, row.attributes)) for row in page.items]
        await bounded(ports.at_once, [turn.serve(place, event) for place in places])
        sending = await turn.sending()
        if page.next is not None and sending is not None and ports.now() >= ends:
            rest = [sending, page.next.key.sort]
            await ports.later(FLUSH, {"topic": name, "group": group_id, "rest": rest})
            return
    await turn.end()


async def heartbeat(ports: SubscriptionPorts) -> None:
    """Tell the members of each conflated group that has been quiet that it is well.

    Each minute begins with another part of the list: where it is longer than one turn, nobody is always left out.
    """
    minute = ports.now() // 60
    for shard in range(minute, minute + SHARDS):
        async for page in pages(ports, CONFLATION.query("by_shard", shard=shard % SHARDS)):
            rows = [cast("Mapping[str, Any]", item.attributes) for item in page.items]
            quiet = [row for row in rows if row["claimed_at"] <= ports.now_ms() - QUIET_MS]
            await bounded(_GROUPS_AT_ONCE, [_beat(ports, row) for row in quiet])


async def _beat(ports: SubscriptionPorts, row: Mapping[str, Any]) -> None:
    name, group_id = row["topic"], row["group"]
    group: Group | None = None
    shown: Shown | None = None
    for_all = SUBSCRIBER.query(topic=name, sort=SortRange(prefix=f"{group_id}#"))
    async for page in pages(ports, for_all):
        if page.items and group is None:
            group = await kept_group(ports, group_id)
            if group is None:
                return
            shown = await show(ports, group, Showing(topic_of(name), row["sequence"], UpdateKind.HEARTBEAT))
        places = [Place.of(cast(Any, member.attributes)) for member in page.items]
        # A heartbeat that does not arrive is not sent again: the next one comes soon.
        await bounded(ports.at_once, [send_shown(ports, place, shown, _MOST_ATTEMPTS) for place in places])


async def _flush_one(ports: SubscriptionPorts, group: Group, arguments: Mapping[str, Any]) -> None:
    place = await place_of(ports, arguments)
    if place is None:
        return
    event = await _newest(ports, place.topic)
    sequence = event.sequence if event else await ports.log.head(place.topic)
    kind = UpdateKind.UPDATE if event else UpdateKind.RESET
    shown = await show(ports, group, Showing(place.topic, sequence, kind, published=event))
    await send_shown(ports, place, shown, int(arguments["attempt"]))


async def _newest(ports: SubscriptionPorts, topic: str) -> Published | None:
    """The last event of a topic; None where the log does not hold it any more, or there was none."""
    head = await ports.log.head(topic)
    if head == 0:
        return None
    try:
        events = await ports.log.read(topic, head - 1, 1)
    except CursorExpired:
        return None
    return events[-1] if events else None
