"""Sending a webhook by hand: one that tries an endpoint out, or a delivery once more."""

from typing import Annotated, Final

import strawberry

from colonnade.context import Context, Info
from colonnade.errors import ConditionFailed
from colonnade.extension import extend
from colonnade.idempotency import IdempotentRequest, once
from colonnade.permissions import requires
from colonnade.results import IdempotencyConflict, IdempotencyInProgress
from colonnade.store import Writes
from colonnade.webhooks.access import MANAGE_WEBHOOKS
from colonnade.webhooks.refusals import (
    WebhookDeliveryInProgress,
    WebhookDeliveryNotFound,
    WebhookEndpointIsDisabled,
    WebhookEndpointNotFound,
)
from colonnade.webhooks.types import WebhookDelivery

KEY_DESCRIPTION: Final = (
    "Made up by the client: a request that is sent again with its key counts once, for 24 hours."
)


@strawberry.input(description="A webhook endpoint to try out.")
class SendTestWebhookInput:
    endpoint_id: strawberry.ID = strawberry.field(description="Which one.")
    idempotency_key: strawberry.ID = strawberry.field(description=KEY_DESCRIPTION)


@strawberry.input(description="A webhook delivery to make again.")
class ReplayWebhookDeliveryInput:
    delivery_id: strawberry.ID = strawberry.field(description="Which one.")
    idempotency_key: strawberry.ID = strawberry.field(description=KEY_DESCRIPTION)


SendTestWebhookResult = Annotated[
    WebhookDelivery
    | WebhookEndpointNotFound
    | WebhookEndpointIsDisabled
    | WebhookDeliveryNotFound
    | IdempotencyConflict
    | IdempotencyInProgress,
    strawberry.union("SendTestWebhookResult", description="The delivery, on its way, or why there is none."),
]
ReplayWebhookDeliveryResult = Annotated[
    WebhookDelivery
    | WebhookDeliveryNotFound
    | WebhookDeliveryInProgress
    | WebhookEndpointNotFound
    | WebhookEndpointIsDisabled
    | IdempotencyConflict
    | IdempotencyInProgress,
    strawberry.union(
        "ReplayWebhookDeliveryResult", description="The delivery, on its way again, or why it is not."
    ),
]


@extend("Mutation")
class SendingWebhooksByHand:
    @strawberry.field(
        description="Send an endpoint a message of the type `webhook.test`, even while it is left alone after failures.",
        extensions=[requires(MANAGE_WEBHOOKS)],
    )
    async def send_test_webhook(
        self,
        info: Info,
        input: Annotated[SendTestWebhookInput, strawberry.argument(description="Which endpoint.")],  # noqa: A002 - the API's name
    ) -> SendTestWebhookResult | None:
        from colonnade.webhooks.by_hand import trial  # noqa: PLC0415 - only this mutation needs it

        context = info.context
        arguments = {"endpoint": str(input.endpoint_id)}
        request = IdempotentRequest.of(context, "sendTestWebhook", str(input.idempotency_key), arguments)

        async def effect() -> tuple[str, Writes]:
            delivery, writes = await trial(context, str(input.endpoint_id))
            return delivery.id, writes

        return await _delivery(context, await once(context, request, effect))

    @strawberry.field(
        description="Make a delivery again, under the same `webhook-id`: at once, even while the endpoint is left alone after "
        "failures, and then as often as a new one.",
        extensions=[requires(MANAGE_WEBHOOKS)],
    )
    async def replay_webhook_delivery(
        self,
        info: Info,
        input: Annotated[ReplayWebhookDeliveryInput, strawberry.argument(description="Which delivery.")],  # noqa: A002 - the API's name
    ) -> ReplayWebhookDeliveryResult | None:
        from colonnade.webhooks.by_hand import in_progress, replayed  # noqa: PLC0415 - only this mutation needs it

        context = info.context
        arguments = {"delivery": str(input.delivery_id)}
        request = IdempotentRequest.of(
            context, "replayWebhookDelivery", str(input.idempotency_key), arguments
        )

        async def effect() -> tuple[str, Writes]:
            delivery, writes = await replayed(context, str(input.delivery_id))
            return delivery.id, writes

        try:
            done = await once(context, request, effect)
        except ConditionFailed as error:
            raise in_progress() from error
        return await _delivery(context, done)


async def _delivery(context: Context, delivery_id: str) -> WebhookDelivery:
    from colonnade.webhooks.by_hand import owned_delivery  # noqa: PLC0415 - only this mutation needs it

    return WebhookDelivery.of(await owned_delivery(context, delivery_id))
