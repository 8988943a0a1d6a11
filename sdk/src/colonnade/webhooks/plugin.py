"""Webhooks: strangers' servers are told of what happened.

| what happens | here |
|---|---|
| a plugin says what can be told of its events | `declaration` (the hook `webhooks`) |
| an event becomes deliveries, one for each endpoint that wants it | `telling` → `asking` |
| a delivery is claimed, sent and recorded | `delivering` → `sending` → `recording`, by `plan` and `health` |
| an owner manages endpoints, and sends by hand | `mutations` → `managing`, `validating`, `by_hand`, `recovering` |
| what is signed, and with which secrets | `signing` |
| what is kept | `rows`, as `endpoints`, `deliveries` and `health` read it |

The schema and the hooks need none of the records and none of what sends: a query that asks of no webhooks imports neither.
`docs/webhooks.md` tells the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from colonnade.entities import Entity
from colonnade.events import Event, EventType, Published
from colonnade.jobs import Job
from colonnade.nodes import NodeLoader
from colonnade.permissions import Permission
from colonnade.personal_data import ACCOUNT, PersonalDataDeclaration
from colonnade.plugin import Plugin, hookimpl
from colonnade.services import Service
from colonnade.store import Writes
from colonnade.webhooks.access import MANAGE_WEBHOOKS
from colonnade.webhooks.declaration import Webhooks, WebhookType
from colonnade.webhooks.mutations.by_hand import SendingWebhooksByHand
from colonnade.webhooks.mutations.endpoints import ManagingWebhookEndpoints
from colonnade.webhooks.mutations.recovering import RecoveringWebhooks
from colonnade.webhooks.mutations.secrets import RotatingWebhookSecrets
from colonnade.webhooks.personal_data import PERSONAL_DATA
from colonnade.webhooks.queries import WebhookQueries
from colonnade.webhooks.rows import (
    DELIVER,
    DELIVERY,
    ENDPOINT,
    FORMER,
    HEALTH,
    IN_FLIGHT,
    OWNER,
    PLUGIN,
    RECOVER,
)
from colonnade.webhooks.settings import WebhooksSettings
from colonnade.webhooks.types import WebhookDelivery, WebhookEndpoint, load_deliveries, load_endpoints
from colonnade.webhooks.webhook_events import ENDPOINT_DISABLED, WebhookEndpointDisabled

if TYPE_CHECKING:
    from colonnade.context import Context

plugin = Plugin(PLUGIN, sdk=">=1.0,<2", version="0.1.0", settings=WebhooksSettings)


class Telling:
    """Implements `Webhooks`."""

    async def tell(
        self, context: Context, types: Sequence[WebhookType], event: Event, published: Published
    ) -> Writes:
        """See `Webhooks.tell`."""
        from colonnade.webhooks.telling import tell  # noqa: PLC0415 - a query tells nobody

        return await tell(context, types, event, published)


async def _deliver(context: Context, arguments: Mapping[str, Any]) -> None:
    from colonnade.webhooks.delivering import deliver  # noqa: PLC0415 - a query sends nothing

    await deliver(context, arguments)


async def _recover(context: Context, arguments: Mapping[str, Any]) -> None:
    from colonnade.webhooks.recovering import recover  # noqa: PLC0415 - a query recovers nothing

    await recover(context, arguments)


@hookimpl
def graphql() -> Sequence[type]:
    return [
        WebhookQueries,
        ManagingWebhookEndpoints,
        RotatingWebhookSecrets,
        SendingWebhooksByHand,
        RecoveringWebhooks,
    ]


@hookimpl
def nodes() -> Sequence[NodeLoader]:
    return [
        NodeLoader("whe", WebhookEndpoint, load_endpoints),
        NodeLoader("whd", WebhookDelivery, load_deliveries),
    ]


@hookimpl
def permissions() -> Sequence[Permission]:
    return [MANAGE_WEBHOOKS]


@hookimpl
def entities() -> Sequence[Entity]:
    return [ENDPOINT, FORMER, OWNER, DELIVERY, HEALTH, IN_FLIGHT]


@hookimpl
def personal_data() -> Sequence[PersonalDataDeclaration]:
    return PERSONAL_DATA


@hookimpl
def services() -> Sequence[Service[object]]:
    return [Service(Webhooks, Telling())]


@hookimpl
def event_types() -> Sequence[EventType]:
    told = "The platform disabled a webhook endpoint."
    return [EventType(WebhookEndpointDisabled, told, about=ACCOUNT)]


@hookimpl
def webhooks() -> Sequence[WebhookType]:
    return [ENDPOINT_DISABLED]


@hookimpl
def jobs() -> Sequence[Job]:
    return [Job(DELIVER, _deliver), Job(RECOVER, _recover)]
