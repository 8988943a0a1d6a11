"""What one group is sent of a topic's events: executed once, and posted to each of its members."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from colonnade.errors import CursorExpired
from colonnade.subscriptions.conflated_delivery import ConflatedTurn
from colonnade.subscriptions.endings import TOO_OLD, give_up
from colonnade.subscriptions.groups import Group, Show, Shown, show
from colonnade.subscriptions.memberships import Memberships
from colonnade.subscriptions.messages import next_message
from colonnade.subscriptions.occurrences import Showing
from colonnade.subscriptions.places import BEHIND, Place, fallen_behind, left_behind
from colonnade.subscriptions.sending import Sent, send

if TYPE_CHECKING:
    from colonnade.events import Published
    from colonnade.subscriptions.ports import SubscriptionPorts


@dataclass(slots=True)
class GroupTurn:
    """What one group is sent in one pass; each event is executed when the first member needs it.

    `group`: None where nobody can read it; `partly`: whether an earlier walk came to some of its members.
    """

    ports: SubscriptionPorts
    name: str
    group: Group | None
    events: Sequence[Published]
    partly: bool
    show: Show = show
    _shown: dict[int, asyncio.Task[Shown | None]] = field(
        default_factory=dict[int, "asyncio.Task[Shown | None]"]
    )
    _conflated: ConflatedTurn | None = None

    async def serve(self, place: Place, expired: int | None) -> None:
        """Send this pass to one member. `expired`: behind which number the log no longer knows what followed."""
        group = self.group
        if group is None:
            await give_up(self.ports, place, *TOO_OLD)
        elif group.interval_ms is not None:
            if self._conflated is None:
                self._conflated = ConflatedTurn(
                    self.ports, self.name, place.group, group, self.partly, self.show
                )
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
            task = self._shown[event.sequence] = asyncio.ensure_future(self.show(self.ports, group, showing))
        return await task
