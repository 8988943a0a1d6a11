"""Showing an event again to those who follow now with a document that had failed at it, as an operator asks."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, cast

from colonnade.errors import CursorExpired, HandlerFailed
from colonnade.subscriptions.delivery import PLACES
from colonnade.subscriptions.endings import UNAUTHENTICATED, give_up
from colonnade.subscriptions.groups import Shown, kept_groups, show
from colonnade.subscriptions.letters import document_id
from colonnade.subscriptions.memberships import pages
from colonnade.subscriptions.messages import next_message
from colonnade.subscriptions.occurrences import Showing
from colonnade.subscriptions.parts import part_name, parts_of
from colonnade.subscriptions.places import Place
from colonnade.subscriptions.rows import DELIVERED, SUBSCRIBER
from colonnade.subscriptions.sending import bounded, send

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts


async def show_again(ports: SubscriptionPorts, topic: str, document: str, sequence: int) -> None:
    """Show an event to those who follow its topic now with a document that had failed at it. May be done twice.

    Without caution: what still ends the process costs as many as the queue brings the task to, the letter stays, and nobody
    asks again but an operator. No delivery waits for it.
    """
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
        places = [Place.of(cast(Any, item.attributes)) for item in page.items]
        groups = await kept_groups(ports, {place.group for place in places} - {last[0]})
        for place in places:
            if place.group != last[0]:
                group = groups[place.group]
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
