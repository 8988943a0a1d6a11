"""Ending a subscription from the server's side: the client is told why, and its rows go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from colonnade.subscriptions.memberships import Memberships
from colonnade.subscriptions.messages import error_message, fault_message
from colonnade.subscriptions.places import Place
from colonnade.subscriptions.sending import Sent, hang_up, send

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

UNAUTHENTICATED: Final = ("UNAUTHENTICATED", "these credentials are no longer good: sign in again")
"""Why a subscription ends whose credential has expired, or was revoked."""

TOO_OLD: Final = ("SUBSCRIPTION_EXPIRED", "this subscription is too old: begin again")
"""Why a subscription ends that outlived its group."""


async def give_up(
    ports: SubscriptionPorts, place: Place, code: str = "", message: str = "", *, errors: str | None = None
) -> None:
    """End the subscription at `place` with an error; `errors`: as JSON, where there is more than one to tell.

    The rows go after the message was sent, so that a kill in between repeats it. The socket of a client that takes no
    message now is closed: it would wait for events that never come, and learns of the end when it connects again.
    """
    if errors is not None:
        text = error_message(place.id, json.loads(errors))
    else:
        with ports.working() as request_id:
            text = fault_message(place.id, request_id, code, message)
    memberships = Memberships(ports)
    outcome = await send(ports, place.connection, text)
    if outcome is Sent.GONE:
        await memberships.end(place.connection)
        return
    if outcome is Sent.NOT_NOW:
        await hang_up(ports, place.connection)
    await memberships.drop(place.connection, place.id, place.nonce)
