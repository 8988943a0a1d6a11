"""Connections that are over although nobody said so: found by looking at each now and then.

Whoever is sent an event and is gone is found at once. For the others there is a list for each minute of the connections
that are due; a job each minute goes through it, pings them, and ends those that are gone or older than a connection can
be. It also asks whether their credentials are still good, for those who follow what is shown to all alike.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.conditions import absent, attribute, exists
from colonnade.errors import ConditionFailed, Unauthenticated
from colonnade.store import Delete, Update, Writes
from colonnade.subscriptions import messages
from colonnade.subscriptions.endings import UNAUTHENTICATED
from colonnade.subscriptions.groups import principal_of_row
from colonnade.subscriptions.looks import look_at
from colonnade.subscriptions.memberships import Memberships, pages
from colonnade.subscriptions.refusing import refuse
from colonnade.subscriptions.rows import CONNECTION, DUE, LOOKED
from colonnade.subscriptions.sending import Sent, bounded, send

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

LOOK: Final = "subscriptions.look"
"""The job that looks at connections."""

NEXT_LOOK: Final = 30 * 60
"""Seconds between two looks at a connection."""

_TURN_SECONDS: Final = 40
"""After which a turn leaves the rest to the next: a job may take a minute."""

_FIRST_MINUTES: Final = 15

_KEY: Final = LOOKED.key(part="all")

_log = logging.getLogger(__name__)


async def look(ports: SubscriptionPorts) -> None:
    """Look at the connections that are due, as many as one turn takes; the next goes on from there.

    Two turns at once do what is due twice, which does no harm. Raises what the store raises.
    """
    ends, now = ports.now() + _TURN_SECONDS, ports.now() // 60
    item = await ports.store.get(_KEY)
    done = now - _FIRST_MINUTES if item is None else cast(int, item.attributes["minute"])
    for minute in range(done + 1, now):
        async for page in pages(ports, DUE.query(minute=minute, limit=500)):
            rows = [cast(str, due.attributes["connection"]) for due in page.items]
            await bounded(ports.at_once, [_look_at(ports, connection, minute) for connection in rows])
            if page.next is not None and ports.now() >= ends:
                return  # What was looked at is no longer in the list.
        await _note(ports, minute)
        if ports.now() >= ends:
            break
    else:
        return
    _log.warning("Connections are looked at late", extra={"fields": {"minutes": now - minute}})


async def _note(ports: SubscriptionPorts, minute: int) -> None:
    further = absent() | attribute("minute").below(minute)
    try:
        await ports.store.transact(Writes([Update(_KEY, set={"minute": minute}, condition=further)]))
    except ConditionFailed:
        return  # Another turn is further.


async def _look_at(ports: SubscriptionPorts, connection: str, minute: int) -> None:
    due = DUE.key(minute=minute, connection=connection)
    item = await ports.store.get(CONNECTION.key(connection=connection))
    row = None if item is None else cast("Mapping[str, Any]", item.attributes)
    if row is None or row["state"] != "acknowledged":
        await Memberships(ports).end(
            connection
        )  # Whoever ended it may have been killed before all its rows were gone.
        await ports.store.transact(Writes([Delete(due)]))
        return
    gone = row["ends"] <= ports.now()
    if not gone:
        await _look_whether_it_may(ports, connection, row)
        gone = await send(ports, connection, messages.ping(), ()) is Sent.GONE
    if gone:
        await Memberships(ports).end(connection)
        await ports.store.transact(Writes([Delete(due)]))
        return
    seconds = min(NEXT_LOOK, row["ends"] - ports.now() + 60)
    again = look_at(ports, connection, seconds)
    # Who was told of the next look may be looked at once more for this one, never not at all.
    await ports.store.transact(Writes([again, *([Delete(due)] if again.key != due else [])]))


async def _look_whether_it_may(ports: SubscriptionPorts, connection: str, row: Mapping[str, Any]) -> None:
    """End what a connection follows whose credential has ended, or has lost a permission."""
    principal = principal_of_row(row["principal"])
    if principal is None or "refusal" in row:
        return
    try:
        now = await ports.standing.now_of(ports, principal)
    except Unauthenticated:
        now = None
    if now is None or not principal.permissions <= now.permissions:
        await refuse(ports, connection, *UNAUTHENTICATED, exists())
