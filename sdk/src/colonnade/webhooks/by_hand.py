"""What an owner has sent by hand: a message to try an endpoint out, and a delivery once more."""

from __future__ import annotations

from dataclasses import replace

from colonnade.conditions import attribute
from colonnade.context import Context
from colonnade.results import Refused
from colonnade.store import Update, Writes
from colonnade.webhooks.access import caller
from colonnade.webhooks.asking import new_delivery, task_for, turned
from colonnade.webhooks.declaration import TEST
from colonnade.webhooks.deliveries import Delivery, body_of, delivery_of, message_id, place_of, progress_of
from colonnade.webhooks.endpoints import Endpoint
from colonnade.webhooks.managing import owned_endpoint
from colonnade.webhooks.refusals import (
    WebhookDeliveryInProgress,
    WebhookDeliveryNotFound,
    WebhookEndpointIsDisabled,
)
from colonnade.webhooks.rows import DELIVERY
from colonnade.webhooks.states import DeliveryState, EndpointState


async def trial(context: Context, endpoint_id: str) -> tuple[Delivery, Writes]:
    """A message of the type `webhook.test` for the caller's endpoint, and its writes. Raises `Refused`."""
    endpoint = await enabled_endpoint(context, endpoint_id)
    now = context.clock.now()
    message = message_id(context.ids.new("evt"), TEST, now)
    body = body_of(TEST, 1, now, {"endpointId": endpoint.id})
    delivery, writes = new_delivery(context, endpoint, message, TEST, body, at_once=True)
    return delivery, Writes(writes)


async def owned_delivery(context: Context, delivery_id: str) -> Delivery:
    """The caller's delivery. Raises `Refused` with `WebhookDeliveryNotFound`, also for one of somebody else's."""
    place = place_of(delivery_id)
    key = None if place is None else DELIVERY.key(endpoint=place[0], message=place[1])
    item = None if key is None else await context.store.get(key)
    delivery = None if item is None else delivery_of(item.attributes)
    if delivery is None or delivery.owner != caller(context).id:
        raise Refused(
            WebhookDeliveryNotFound(
                message=f"you have no webhook delivery {delivery_id[:80]!r}", path=["input", "deliveryId"]
            )
        )
    return delivery


async def replayed(context: Context, delivery_id: str) -> tuple[Delivery, Writes]:
    """A delivery that is to be sent again, at once and then as a new one would be, and its writes.

    The first of these fails, for `in_progress` to tell, where the delivery is being sent. Raises `Refused`.
    """
    before = await owned_delivery(context, delivery_id)
    await enabled_endpoint(context, before.endpoint)
    now = context.clock.now()
    if before.claimed_until > now.timestamp():
        raise in_progress()
    after = replace(turned(before, now), state=DeliveryState.PENDING, tries=0, waits=0)
    unclaimed = attribute("claimed_until").at_most(int(now.timestamp()))
    again = Update(
        DELIVERY.key(endpoint=before.endpoint, message=before.message),
        set=progress_of(after),
        condition=attribute("turn").equals(before.turn) & unclaimed,
    )
    return after, Writes([again, task_for(after, now, context, at_once=True)])


def in_progress() -> Refused:
    """That somebody is sending it."""
    return Refused(
        WebhookDeliveryInProgress(
            message="this delivery is being sent",
            path=["input", "deliveryId"],
            retryable=True,
            retry_after_ms=15_000,
        )
    )


async def enabled_endpoint(context: Context, endpoint_id: str) -> Endpoint:
    """The caller's endpoint. Raises `Refused`, also for one that is disabled."""
    endpoint = await owned_endpoint(context, endpoint_id)
    if endpoint.state is not EndpointState.ENABLED:
        raise Refused(
            WebhookEndpointIsDisabled(message=f"{endpoint.id} is disabled", path=["input", "endpointId"])
        )
    return endpoint
