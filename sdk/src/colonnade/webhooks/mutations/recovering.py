"""Sending an endpoint again what it missed."""

from datetime import datetime
from typing import Annotated, Final

import strawberry

from colonnade.context import Info
from colonnade.extension import extend
from colonnade.permissions import requires
from colonnade.results import Refused, ValidationFailed, ValidationIssue
from colonnade.webhooks.access import MANAGE_WEBHOOKS
from colonnade.webhooks.refusals import (
    WebhookEndpointIsDisabled,
    WebhookEndpointNotFound,
    WebhookRecoveryInProgress,
)
from colonnade.work.graphql import OperationNode

_MOST_KEY: Final = 200


@strawberry.input(description="What of a webhook endpoint is to be sent again.")
class RecoverWebhookDeliveriesInput:
    endpoint_id: strawberry.ID = strawberry.field(description="Which endpoint.")
    since: datetime = strawberry.field(
        description="From when on, by the time of what messages tell of; 14 days back at most."
    )
    idempotency_key: strawberry.ID = strawberry.field(
        description="Made up by the client, at most 200 characters: a request that is sent again with its key counts once, "
        "for 90 days."
    )
    everything: bool = strawberry.field(
        default=False, description="Whether what was delivered is sent again, too, and not only what failed."
    )


@strawberry.type(description="What the endpoint missed is being sent again, at most five messages a second.")
class WebhookRecoveryStarted:
    operation: OperationNode = strawberry.field(
        description="How far it is, in seconds of the time that is looked through; its note counts messages. Its name is `webhooks.recover`."
    )


RecoverWebhookDeliveriesResult = Annotated[
    WebhookRecoveryStarted
    | ValidationFailed
    | WebhookEndpointNotFound
    | WebhookEndpointIsDisabled
    | WebhookRecoveryInProgress,
    strawberry.union(
        "RecoverWebhookDeliveriesResult", description="The operation that sends them, or why there is none."
    ),
]


@extend("Mutation")
class RecoveringWebhooks:
    @strawberry.field(
        description="Send an endpoint again what failed since a moment, or all of it, each message under its own `webhook-id`. "
        "What happens after the request is no part of it. One recovery of an endpoint works at a time.",
        extensions=[requires(MANAGE_WEBHOOKS)],
    )
    async def recover_webhook_deliveries(
        self,
        info: Info,
        input: Annotated[RecoverWebhookDeliveriesInput, strawberry.argument(description="What to send.")],  # noqa: A002 - the API's name
    ) -> RecoverWebhookDeliveriesResult | None:
        from colonnade.webhooks.by_hand import enabled_endpoint  # noqa: PLC0415 - only this mutation needs it
        from colonnade.webhooks.recovering import recovery  # noqa: PLC0415 - only this mutation needs it

        context, key = info.context, str(input.idempotency_key)
        if not 0 < len(key) <= _MOST_KEY:
            message = f"1 to {_MOST_KEY} characters, not {len(key)}"
            path = ["input", "idempotencyKey"]
            raise Refused(
                ValidationFailed.of([ValidationIssue(path=path, code="OUT_OF_RANGE", message=message)])
            )
        endpoint = await enabled_endpoint(context, str(input.endpoint_id))
        operation = await recovery(context, endpoint, input.since, key, everything=input.everything)
        return WebhookRecoveryStarted(operation=OperationNode.of(operation))
