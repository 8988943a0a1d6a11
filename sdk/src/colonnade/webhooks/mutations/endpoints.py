"""Making, changing and deleting webhook endpoints."""

from typing import Annotated

import strawberry

from colonnade.context import Info
from colonnade.errors import ConditionFailed
from colonnade.extension import extend
from colonnade.idempotency import IdempotentRequest, once
from colonnade.permissions import requires
from colonnade.results import IdempotencyConflict, IdempotencyInProgress, ValidationFailed
from colonnade.scalars import Url
from colonnade.store import Writes
from colonnade.webhooks.access import MANAGE_WEBHOOKS
from colonnade.webhooks.refusals import TooManyWebhookEndpoints, WebhookEndpointNotFound
from colonnade.webhooks.settings import WebhooksSettings
from colonnade.webhooks.types import WebhookEndpoint, load_endpoints


@strawberry.input(description="A webhook endpoint to make.")
class CreateWebhookEndpointInput:
    url: Url = strawberry.field(
        description="Where to send webhooks: https, of a public host. At most 2,048 characters."
    )
    event_types: list[str] = strawberry.field(
        description="Which ones, of `webhookEventTypes`: 1 to 100, each counts once."
    )
    idempotency_key: strawberry.ID = strawberry.field(
        description="Made up by the client: a request that is sent again with its key counts once, for 24 hours."
    )
    description: str = strawberry.field(default="", description="What to call it, at most 200 characters.")


@strawberry.type(description="A webhook endpoint was made.")
class WebhookEndpointCreated:
    secret: str = strawberry.field(
        description="What its messages are signed with, as libraries of Standard Webhooks take it. It is shown only "
        "here; the same request, sent again within 24 hours, shows it again."
    )
    endpoint_id: strawberry.Private[str]

    @strawberry.field(description="The endpoint, as it is listed; null where it was deleted meanwhile.")
    async def endpoint(self, info: Info) -> WebhookEndpoint | None:
        (found,) = await load_endpoints(info.context, [self.endpoint_id])
        return found


@strawberry.input(description="Changes of a webhook endpoint; what is null stays as it is.")
class UpdateWebhookEndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description="Which one.")
    url: Url | None = strawberry.field(default=None, description="Where to send webhooks from now on.")
    event_types: list[str] | None = strawberry.field(
        default=None, description="Which ones it takes from now on, 1 to 100."
    )
    description: str | None = strawberry.field(
        default=None, description="What to call it, at most 200 characters."
    )
    enabled: bool | None = strawberry.field(
        default=None,
        description="Whether it is sent anything; true enables one that was disabled, for whatever cause.",
    )


@strawberry.input(description="A webhook endpoint to delete.")
class DeleteWebhookEndpointInput:
    endpoint_id: strawberry.ID = strawberry.field(description="Which one.")


@strawberry.type(description="A webhook endpoint is deleted, and what was on its way to it is sent no more.")
class WebhookEndpointDeleted:
    endpoint_id: strawberry.ID = strawberry.field(description="Which one.")


CreateWebhookEndpointResult = Annotated[
    WebhookEndpointCreated
    | ValidationFailed
    | TooManyWebhookEndpoints
    | IdempotencyConflict
    | IdempotencyInProgress,
    strawberry.union("CreateWebhookEndpointResult", description="The endpoint, or why there is none."),
]
UpdateWebhookEndpointResult = Annotated[
    WebhookEndpoint | WebhookEndpointNotFound | ValidationFailed,
    strawberry.union("UpdateWebhookEndpointResult", description="The endpoint as it is now, or why not."),
]
DeleteWebhookEndpointResult = Annotated[
    WebhookEndpointDeleted | WebhookEndpointNotFound,
    strawberry.union("DeleteWebhookEndpointResult", description="What was deleted, or that there is none."),
]


@extend("Mutation")
class ManagingWebhookEndpoints:
    @strawberry.field(
        description="Have a server told of what happens. An account has at most 10 endpoints.",
        extensions=[requires(MANAGE_WEBHOOKS)],
    )
    async def create_webhook_endpoint(
        self,
        info: Info,
        input: Annotated[CreateWebhookEndpointInput, strawberry.argument(description="The endpoint.")],  # noqa: A002 - the API's name
    ) -> CreateWebhookEndpointResult | None:
        from colonnade.webhooks.managing import making, new_endpoint, too_many  # noqa: PLC0415 - only this mutation needs it
        from colonnade.webhooks.signing import SecretName, secret_of, shown  # noqa: PLC0415 - only this mutation needs it
        from colonnade.webhooks.validating import check  # noqa: PLC0415 - only this mutation needs it

        context = info.context
        check(context, url=input.url, description=input.description, types=input.event_types)
        arguments = {
            "url": input.url,
            "types": sorted(set(input.event_types)),
            "description": input.description,
        }
        request = IdempotentRequest.of(
            context, "createWebhookEndpoint", str(input.idempotency_key), arguments
        )
        made = new_endpoint(context, input.url, input.description, input.event_types)

        async def effect() -> tuple[str, Writes]:
            return f"{made.id}:{made.secret.key_id}", making(made)

        try:
            result = await once(context, request, effect)
        except ConditionFailed as error:
            raise too_many(error) or error from error
        endpoint_id, _, key_id = result.partition(":")
        secret = secret_of(context.setting(WebhooksSettings), endpoint_id, SecretName(1, key_id))
        return WebhookEndpointCreated(secret=shown(secret), endpoint_id=endpoint_id)

    @strawberry.field(
        description="Change an endpoint, disable it or enable it. What happens while it is disabled is not kept for it.",
        extensions=[requires(MANAGE_WEBHOOKS)],
    )
    async def update_webhook_endpoint(
        self,
        info: Info,
        input: Annotated[UpdateWebhookEndpointInput, strawberry.argument(description="The changes.")],  # noqa: A002 - the API's name
    ) -> UpdateWebhookEndpointResult | None:
        from colonnade.webhooks.managing import change  # noqa: PLC0415 - only this mutation needs it
        from colonnade.webhooks.validating import check  # noqa: PLC0415 - only this mutation needs it

        context = info.context
        check(context, url=input.url, description=input.description, types=input.event_types)
        changed = await change(
            context,
            str(input.endpoint_id),
            url=input.url,
            description=input.description,
            types=input.event_types,
            enabled=input.enabled,
        )
        return WebhookEndpoint.of(changed, context.clock.now())

    @strawberry.field(description="Delete an endpoint.", extensions=[requires(MANAGE_WEBHOOKS)])
    async def delete_webhook_endpoint(
        self,
        info: Info,
        input: Annotated[DeleteWebhookEndpointInput, strawberry.argument(description="Which one.")],  # noqa: A002 - the API's name
    ) -> DeleteWebhookEndpointResult | None:
        from colonnade.webhooks.managing import delete  # noqa: PLC0415 - only this mutation needs it

        await delete(info.context, str(input.endpoint_id))
        return WebhookEndpointDeleted(endpoint_id=input.endpoint_id)
