"""A plugin that tells of what it sells; as a plugin author would write it."""

from __future__ import annotations

from collections.abc import Sequence

from colonnade import Plugin, hookimpl
from colonnade.events import Event, EventType, event
from colonnade.permissions import Permission
from colonnade.webhooks import Notice, WebhookType

plugin = Plugin("shop", sdk=">=1.0,<2")

AUDIT = Permission("AUDIT", "See what is returned.", granted_to="members")


@event("shop.sold", key=("order",))
class Sold(Event):
    """Something was sold."""

    order: str
    seller: str
    buyer: str
    amount: str
    note: str = ""


def told_of_sale(sold: Sold) -> Notice | None:
    """The seller and the buyer, unless it was a gift."""
    if sold.amount == "0":
        return None
    return Notice((sold.seller, sold.buyer), {"order": sold.order, "amount": sold.amount, "note": sold.note})


def told_of_audit(sold: Sold) -> Notice | None:
    return Notice((sold.seller,), {"order": sold.order}) if sold.note == "returned" else None


@hookimpl
def permissions() -> Sequence[Permission]:
    return [AUDIT]


@hookimpl
def event_types() -> Sequence[EventType]:
    return [EventType(Sold, "Something was sold.")]


@hookimpl
def webhooks() -> Sequence[WebhookType]:
    return [
        WebhookType("order.sold", "An order was sold.", Sold, told_of_sale, version=2),
        WebhookType("order.returned", "An order came back.", Sold, told_of_audit, permission=AUDIT),
    ]
