"""Webhook endpoints and deliveries as their owner sees them."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import strawberry

from colonnade.context import Context, Info
from colonnade.ids import is_id
from colonnade.relay import Node
from colonnade.scalars import Url
from colonnade.store import Item, Key
from colonnade.webhooks.access import may_manage
from colonnade.webhooks.declaration import WebhookTypes
from colonnade.webhooks.rows import DELIVERY, ENDPOINT
from colonnade.webhooks.states import DeliveryState, DisabledBecause, EndpointState, Fault

if TYPE_CHECKING:
    from colonnade.webhooks.deliveries import Attempt, Delivery
    from colonnade.webhooks.endpoints import Endpoint


@strawberry.type(description="Where webhooks of the caller's account are sent.")
class WebhookEndpoint(Node):
    url: Url = strawberry.field(description="Where they are sent.")
    description: str = strawberry.field(description="What its owner calls it.")
    event_types: list[str] = strawberry.field(
        description="Which webhooks it takes, in alphabetical order; see `webhookEventTypes`."
    )
    status: EndpointState = strawberry.field(description="Whether it is sent anything.")
    disabled_because: DisabledBecause | None = strawberry.field(description="Why not; null while it is.")
    disabled_at: datetime | None = strawberry.field(description="Since when not; null while it is.")
    created_at: datetime = strawberry.field(description="When it was made.")
    previous_secrets_valid_until: datetime | None = strawberry.field(
        description="Until when messages are signed with replaced secrets, too; null where there are none, or none any more."
    )

    owner: strawberry.Private[str]

    @strawberry.field(
        description="Those of `eventTypes` that are not sent, because the account no longer holds the permission that they "
        "take, in alphabetical order. They are sent again from when it holds it."
    )
    async def withheld_event_types(self, info: Info) -> list[str] | None:
        from colonnade.webhooks.withholding import withheld_of  # noqa: PLC0415 - few ask for it

        return sorted(await withheld_of(info.context, self.owner, self.event_types))

    @classmethod
    def of(cls, endpoint: "Endpoint", now: datetime) -> "WebhookEndpoint":
        """The endpoint as it is at `now`."""
        return cls(
            id=strawberry.ID(endpoint.id),
            url=Url(endpoint.url),
            owner=endpoint.owner,
            description=endpoint.description,
            event_types=sorted(endpoint.types),
            status=endpoint.state,
            disabled_because=endpoint.disabled_because,
            disabled_at=endpoint.disabled_at,
            created_at=endpoint.created_at,
            previous_secrets_valid_until=max(
                (r.until for r in endpoint.retired if now < r.until), default=None
            ),
        )


@strawberry.type(description="One request to an endpoint.")
class WebhookAttempt:
    at: datetime = strawberry.field(description="When it was sent.")
    status_code: int | None = strawberry.field(description="The HTTP status; null where there was no answer.")
    duration_ms: int = strawberry.field(description="How long the answer took, in milliseconds.")
    fault: Fault | None = strawberry.field(description="Why it did not succeed; null where it did.")
    answer: str = strawberry.field(
        description="The first 512 characters of the answer, or what kept it from coming. It is a stranger's text."
    )

    @classmethod
    def of(cls, attempt: "Attempt") -> "WebhookAttempt":
        return cls(
            at=attempt.at,
            status_code=attempt.status,
            duration_ms=attempt.milliseconds,
            fault=attempt.fault,
            answer=attempt.answer,
        )


@strawberry.type(description="A webhook for one endpoint, and the attempts to deliver it. Kept for 14 days.")
class WebhookDelivery(Node):
    message_id: str = strawberry.field(
        description="The `webhook-id` that the receiver sees: the same at every attempt, and for all endpoints."
    )
    event_type: str = strawberry.field(description="Which webhook it is.")
    status: DeliveryState = strawberry.field(description="What became of it.")
    content: strawberry.Private[str]
    created_at: datetime = strawberry.field(description="When it was made.")
    next_attempt_at: datetime | None = strawberry.field(
        description="When it is tried, or tried again; null where it is not."
    )
    attempts: list[WebhookAttempt] = strawberry.field(description="The last 20 attempts, oldest first.")

    @strawberry.field(
        description="What is sent, to the letter: JSON of at most 16 KiB; empty where its type takes a permission that the "
        "caller does not hold."
    )
    def body(self, info: Info) -> str:
        declared = info.context.services.get(WebhookTypes).by_name.get(self.event_type)
        permission = None if declared is None else declared.permission
        principal = info.context.principal
        may_read = permission is None or (principal is not None and principal.holds(permission))
        return self.content if may_read else ""

    @classmethod
    def of(cls, delivery: "Delivery") -> "WebhookDelivery":
        return cls(
            id=strawberry.ID(delivery.id),
            message_id=delivery.message,
            event_type=delivery.type,
            status=delivery.state,
            content=delivery.body,
            created_at=delivery.created_at,
            next_attempt_at=delivery.due_at,
            attempts=[WebhookAttempt.of(attempt) for attempt in delivery.attempts],
        )


async def load_endpoints(context: Context, ids: Sequence[str]) -> Sequence[WebhookEndpoint | None]:
    """The caller's own endpoints among these ids; none for who may not manage webhooks."""
    from colonnade.webhooks.endpoints import endpoint_of  # noqa: PLC0415 - other queries read no webhooks

    principal = may_manage(context)
    if principal is None:
        return [None for _ in ids]
    keys = {id_: ENDPOINT.key(owner=principal.id, id=id_) for id_ in ids if is_id(id_, "whe")}
    found = await context.store.batch_get(list(set(keys.values()))) if keys else dict[Key, Item]()
    now = context.clock.now()
    return [
        WebhookEndpoint.of(endpoint_of(found[keys[id_]].attributes), now)
        if id_ in keys and keys[id_] in found
        else None
        for id_ in ids
    ]


async def load_deliveries(context: Context, ids: Sequence[str]) -> Sequence[WebhookDelivery | None]:
    """The caller's own deliveries among these ids; none for who may not manage webhooks."""
    from colonnade.webhooks.deliveries import delivery_of, place_of  # noqa: PLC0415 - other queries read no webhooks

    principal = may_manage(context)
    if principal is None:
        return [None for _ in ids]
    places = {id_: place for id_ in ids if (place := place_of(id_)) is not None}
    keys = {id_: DELIVERY.key(endpoint=e, message=m) for id_, (e, m) in places.items()}
    found = await context.store.batch_get(list(set(keys.values()))) if keys else dict[Key, Item]()
    deliveries = {id_: delivery_of(found[key].attributes) for id_, key in keys.items() if key in found}
    return [
        WebhookDelivery.of(deliveries[id_])
        if id_ in deliveries and deliveries[id_].owner == principal.id
        else None
        for id_ in ids
    ]
