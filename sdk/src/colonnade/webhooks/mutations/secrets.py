"""Replacing the secret of a webhook endpoint."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import strawberry

from colonnade.context import Info
from colonnade.errors import ConditionFailed, StoreConflict
from colonnade.extension import extend
from colonnade.idempotency import IdempotentRequest, once
from colonnade.permissions import requires
from colonnade.results import (
    IdempotencyConflict,
    IdempotencyInProgress,
    Refused,
    ValidationFailed,
    ValidationIssue,
)
from colonnade.store import Writes
from colonnade.webhooks.access import MANAGE_WEBHOOKS
from colonnade.webhooks.refusals import WebhookEndpointNotFound
from colonnade.webhooks.settings import WebhooksSettings
from colonnade.webhooks.types import WebhookEndpoint, load_endpoints

MOST_HOURS: Final = 168


@strawberry.input(description="A webhook endpoint that is to have another secret.")
class RotateWebhookSecretInput:
    endpoint_id: strawberry.ID = strawberry.field(description="Which one.")
    idempotency_key: strawberry.ID = strawberry.field(
        description="Made up by the client: a request that is sent again with its key counts once, for 24 hours."
    )
    overlap_hours: int = strawberry.field(
        default=24,
        description="For how long messages are signed with the secret that is replaced, too, in hours: 0 to 168. 0 is "
        "for a secret that others know.",
    )


@strawberry.type(description="A webhook endpoint has another secret.")
class WebhookSecretRotated:
    secret: str = strawberry.field(
        description="The new secret. It is shown only here; the same request, sent again within 24 hours, shows it again."
    )
    previous_valid_until: datetime = strawberry.field(
        description="From when on messages are signed with the new secret alone."
    )
    endpoint_id: strawberry.Private[str]

    @strawberry.field(description="The endpoint, as it is listed; null where it was deleted meanwhile.")
    async def endpoint(self, info: Info) -> WebhookEndpoint | None:
        (found,) = await load_endpoints(info.context, [self.endpoint_id])
        return found


RotateWebhookSecretResult = Annotated[
    WebhookSecretRotated
    | WebhookEndpointNotFound
    | ValidationFailed
    | IdempotencyConflict
    | IdempotencyInProgress,
    strawberry.union("RotateWebhookSecretResult", description="The new secret, or why there is none."),
]


@extend("Mutation")
class RotatingWebhookSecrets:
    @strawberry.field(
        description="Replace the secret of an endpoint. Until the overlap ends, each message carries a signature for each "
        "secret that is good, the newest first; of replaced ones two are kept at most.",
        extensions=[requires(MANAGE_WEBHOOKS)],
    )
    async def rotate_webhook_secret(
        self,
        info: Info,
        input: Annotated[RotateWebhookSecretInput, strawberry.argument(description="Which endpoint.")],  # noqa: A002 - the API's name
    ) -> RotateWebhookSecretResult | None:
        from colonnade.webhooks.managing import owned_endpoint, put_changed, rotated  # noqa: PLC0415 - only this mutation needs it
        from colonnade.webhooks.signing import SecretName, secret_of, shown  # noqa: PLC0415 - only this mutation needs it

        context, endpoint_id, hours = info.context, str(input.endpoint_id), input.overlap_hours
        if not 0 <= hours <= MOST_HOURS:
            issue = ValidationIssue(
                path=["input", "overlapHours"],
                code="OUT_OF_RANGE",
                message=f"0 to {MOST_HOURS} hours, not {hours}",
            )
            raise Refused(ValidationFailed.of([issue]))
        request = IdempotentRequest.of(
            context,
            "rotateWebhookSecret",
            str(input.idempotency_key),
            {"endpoint": endpoint_id, "overlap": hours},
        )
        until = context.clock.now() + timedelta(hours=hours)

        async def effect() -> tuple[str, Writes]:
            after = rotated(context, await owned_endpoint(context, endpoint_id), timedelta(hours=hours))
            made = f"{after.secret.generation}:{after.secret.key_id}:{int(until.timestamp())}"
            return made, Writes([put_changed(after)])

        try:
            generation, key_id, ends = (await once(context, request, effect)).split(":")
        except ConditionFailed as error:
            raise StoreConflict(f"{endpoint_id[:64]} was changed meanwhile; send it again") from error
        name = SecretName(int(generation), key_id)
        return WebhookSecretRotated(
            secret=shown(secret_of(context.setting(WebhooksSettings), endpoint_id, name)),
            previous_valid_until=datetime.fromtimestamp(int(ends), UTC),
            endpoint_id=endpoint_id,
        )
