"""Reading what webhooks there are, where they go, and what became of them."""

from typing import Annotated

import strawberry

from colonnade.context import Info
from colonnade.derived import PermissionName
from colonnade.extension import extend
from colonnade.permissions import requires
from colonnade.relay import Connection, connect_query, page_size
from colonnade.results import Refused
from colonnade.webhooks.access import MANAGE_WEBHOOKS, caller
from colonnade.webhooks.declaration import WebhookType, WebhookTypes
from colonnade.webhooks.rows import DELIVERY, ENDPOINT
from colonnade.webhooks.types import WebhookDelivery, WebhookEndpoint

First = Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="The cursor after which to go on.")]


@strawberry.type(description="Something that servers can be told of.")
class WebhookEventType:
    name: str = strawberry.field(description="What an endpoint asks for, and the `type` in what it is sent.")
    description: str = strawberry.field(description="When it is sent.")
    version: int = strawberry.field(
        description="The `version` in what is sent; it rises when a member of `data` changes or goes, not when one comes."
    )
    permission: PermissionName | None = strawberry.field(description="What choosing it takes, if anything.")

    @classmethod
    def of(cls, declared: WebhookType) -> "WebhookEventType":
        permission = declared.permission
        return cls(
            name=declared.name,
            description=declared.description,
            version=declared.version,
            permission=None if permission is None else PermissionName(permission.name),
        )


@extend("Query")
class WebhookQueries:
    @strawberry.field(description="What webhook endpoints can ask for, in alphabetical order.")
    def webhook_event_types(self, info: Info) -> list[WebhookEventType] | None:
        declared = info.context.services.get(WebhookTypes).by_name
        return [WebhookEventType.of(declared[name]) for name in sorted(declared)]

    @strawberry.field(
        description="The caller's webhook endpoints, oldest first.", extensions=[requires(MANAGE_WEBHOOKS)]
    )
    async def webhook_endpoints(
        self, info: Info, first: First = 20, after: After = None
    ) -> Connection[WebhookEndpoint] | None:
        from colonnade.webhooks.endpoints import endpoint_of  # noqa: PLC0415 - other queries read no webhooks

        context = info.context
        now = context.clock.now()
        return await connect_query(
            context,
            "webhookEndpoints",
            ENDPOINT.query(owner=caller(context).id),
            lambda item: WebhookEndpoint.of(endpoint_of(item.attributes), now),
            first=first,
            after=after,
        )

    @strawberry.field(
        description="What one of the caller's endpoints was sent in the last 14 days, by when it happened, the latest first; "
        "null where there is no such endpoint.",
        extensions=[requires(MANAGE_WEBHOOKS)],
    )
    async def webhook_deliveries(
        self,
        info: Info,
        endpoint_id: Annotated[strawberry.ID, strawberry.argument(description="Which endpoint.")],
        first: First = 20,
        after: After = None,
    ) -> Connection[WebhookDelivery] | None:
        from colonnade.webhooks.deliveries import delivery_of  # noqa: PLC0415 - other queries read no webhooks
        from colonnade.webhooks.managing import owned_endpoint  # noqa: PLC0415 - other queries read no webhooks

        context = info.context
        page_size(first)
        try:
            endpoint = await owned_endpoint(context, str(endpoint_id))
        except Refused:
            return None
        return await connect_query(
            context,
            f"webhookDeliveries:{endpoint.id}",
            DELIVERY.query(endpoint=endpoint.id, descending=True),
            lambda item: WebhookDelivery.of(delivery_of(item.attributes)),
            first=first,
            after=after,
        )
