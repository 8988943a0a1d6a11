"""Letting a connection follow nothing any more: it stays open, and is told of each thing that it followed why."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from colonnade.conditions import Condition, attribute
from colonnade.errors import ConditionFailed
from colonnade.store import Update, Writes
from colonnade.subscriptions import messages
from colonnade.subscriptions.memberships import Memberships
from colonnade.subscriptions.rows import CONNECTION
from colonnade.subscriptions.sending import Sent, hang_up, send

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts


async def refuse(ports: SubscriptionPorts, connection: str, code: str, reason: str, still: Condition) -> None:
    """End all that a connection follows, if `still` holds of it; it may follow nothing from then on."""
    memberships = Memberships(ports)
    refused = Update(
        CONNECTION.key(connection=connection),
        set={"refusal": reason},
        condition=attribute("state").equals("acknowledged") & still,
    )
    try:
        await ports.store.transact(Writes([refused]))
    except ConditionFailed:
        return  # It has ended.
    # Nothing can be added from here on: a subscription begins on condition that its connection is not refused.
    async for item in memberships.followed(connection):
        row = item.attributes
        if row["state"] != "following":
            continue
        followed = cast(str, row["id"])
        with ports.working() as request_id:
            text = messages.fault_message(followed, request_id, code, reason)
        outcome = await send(ports, connection, text)
        if outcome is Sent.GONE:
            await memberships.end(connection)
            return
        if outcome is Sent.NOT_NOW:
            await hang_up(ports, connection)
        await memberships.drop(connection, followed, cast(str, row["nonce"]))
