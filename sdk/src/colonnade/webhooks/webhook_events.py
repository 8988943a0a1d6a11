"""What owners of endpoints are told of the endpoints themselves."""

from __future__ import annotations

from colonnade.events import Event, event
from colonnade.webhooks.declaration import Notice, WebhookType


@event("webhook-endpoint.disabled", key=("owner",))
class WebhookEndpointDisabled(Event):
    """The platform sends an endpoint nothing any more. `because`: a `DisabledBecause`."""

    owner: str
    endpoint: str
    because: str


def told_of_disabling(event: WebhookEndpointDisabled) -> Notice:
    """The owner's other endpoints learn of it."""
    return Notice((event.owner,), {"endpointId": event.endpoint, "because": event.because})


ENDPOINT_DISABLED = WebhookType(
    "webhook-endpoint.disabled",
    "Another of your endpoints answered 410, or nothing but failures for three days, and is sent nothing any more.",
    WebhookEndpointDisabled,
    told_of_disabling,
)
