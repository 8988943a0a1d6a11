"""Catching up: a worker sends one subscriber what its topic's log holds, until the deliverer can go on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from colonnade.conditions import Condition, attribute
from colonnade.errors import CursorExpired
from colonnade.subscriptions.endings import TOO_OLD, UNAUTHENTICATED, give_up
from colonnade.subscriptions.groups import Group, kept_group, show
from colonnade.subscriptions.memberships import Memberships
from colonnade.subscriptions.messages import next_message
from colonnade.subscriptions.occurrences import Showing, UpdateKind
from colonnade.subscriptions.places import BEHIND, LIVE, Place, ask_for_worker, change, place_of
from colonnade.subscriptions.sending import Sent, send

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

_AT_ONCE: Final = 50
"""Events that are read together; after each such batch the worker notes how far it is."""

_MOST_BATCHES: Final = 20
"""Batches of one turn; what is left is another turn's."""

_TURN_SECONDS: Final = 30
"""After which a turn ends, too; a message to a client that hardly takes any lasts for seconds, and a job may not take
longer than a minute."""


async def catch_up(ports: SubscriptionPorts, arguments: Mapping[str, Any]) -> None:
    """Bring the subscriber that `arguments` names up to date; nothing if it is, or is gone.

    Without caution (`colonnade.subscriptions.caution`): what ends the process costs as many as the queue brings the task
    to, and as many again when the topic's next events ask for it, until the subscriber leaves. It holds up that subscriber
    alone.
    """
    place = await place_of(ports, arguments)
    if place is None or place.state != BEHIND:
        return
    if place.until is not None and place.until <= ports.now():
        await give_up(ports, place, *UNAUTHENTICATED)
        return
    group = await kept_group(ports, place.group)
    if group is None:
        await give_up(ports, place, *TOO_OLD)
    else:
        await work_off(ports, group, place, attempt=int(arguments.get("attempt", 0)))


async def work_off(
    ports: SubscriptionPorts, group: Group, place: Place, seconds: int = _TURN_SECONDS, attempt: int = 0
) -> None:
    """Send a subscriber that is behind what it lacks, as much as one turn takes.

    `seconds`: after which nothing more is begun, and the rest is another turn's; `attempt`: how many turns failed
    before.
    """
    await _Worker(ports, group, ports.now() + seconds, attempt).run(place)


@dataclass(frozen=True, slots=True)
class _Worker:
    ports: SubscriptionPorts
    group: Group
    ends: int
    attempt: int

    async def run(self, first: Place) -> None:
        """Send what there is, batch by batch; what one turn does not manage is left to another."""
        found: Place | None = first
        for _ in range(_MOST_BATCHES):
            if found is None or found.state == LIVE:
                return
            if self._is_over:
                break
            place = found
            try:
                found = await self._batch(place)
            except CursorExpired as error:
                await give_up(self.ports, place, error.code, str(error))
                return
        if found is not None and found.state == BEHIND:
            await ask_for_worker(self.ports, found)

    @property
    def _is_over(self) -> bool:
        return self.ports.now() >= self.ends

    async def _batch(self, place: Place) -> Place | None:
        """The place after one batch; None when there is nothing left to do for this worker."""
        if place.snapshot:
            return await self._snapshot(place)
        events = await self.ports.log.read(place.topic, place.next - 1, _AT_ONCE)
        if not events:
            return await self._join(place)
        sent = place.next
        outcome = Sent.YES
        for event in events:
            outcome = await self._send(place, Showing(place.topic, event.sequence, published=event))
            if outcome is not Sent.YES:
                break
            sent = event.sequence + 1
            if self._is_over:
                break
        if outcome is Sent.GONE:
            return None
        return await self._noted(place, sent, outcome)

    async def _snapshot(self, place: Place) -> Place | None:
        outcome = await self._send(place, Showing(place.topic, place.next - 1, UpdateKind.SNAPSHOT))
        if outcome is Sent.GONE:
            return None
        if outcome is Sent.NOT_NOW:
            return await self._noted(place, place.next, outcome)
        return await change(self.ports, place, _same(place), snapshot=False)

    async def _noted(self, place: Place, sent: int, outcome: Sent) -> Place | None:
        noted = place
        if sent > place.next:
            condition = _same(place) & attribute("next").below(sent)
            found = await change(self.ports, place, condition, next=sent)
            if found is None:
                return None
            noted = found
        if outcome is Sent.YES:
            return noted
        if noted.state == BEHIND:
            progress = noted.next > place.next
            await ask_for_worker(self.ports, noted, 0 if progress else self.attempt + 1)
        return None

    async def _join(self, place: Place) -> Place | None:
        """Hand over to the deliverer, unless it has wanted more meanwhile, or the place has fallen back."""
        condition = (
            _same(place) & attribute("wanted").below(place.next) & attribute("next").equals(place.next)
        )
        return await change(self.ports, place, condition, state=LIVE, since=place.next - 1)

    async def _send(self, place: Place, showing: Showing) -> Sent:
        if (
            place.until is not None and place.until <= self.ports.now()
        ):  # amid a turn: those before took their time
            await give_up(self.ports, place, *UNAUTHENTICATED)
            return Sent.GONE
        shown = await show(self.ports, self.group, showing)
        if shown is None:
            return Sent.YES
        if shown.final:
            await give_up(self.ports, place, errors=shown.body)
            return Sent.GONE
        outcome = await send(self.ports, place.connection, next_message(place.id, shown.body))
        if outcome is Sent.GONE:
            await Memberships(self.ports).end(place.connection)
        return outcome


def _same(place: Place) -> Condition:
    return attribute("state").equals(BEHIND) & attribute("version").equals(place.version)
