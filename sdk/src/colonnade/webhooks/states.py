"""How endpoints and deliveries stand; the API shows it as it is kept."""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(name="WebhookEndpointStatus", description="Whether an endpoint is sent webhooks.")
class EndpointState(Enum):
    """Whether an endpoint is sent to."""

    ENABLED = strawberry.enum_value("ENABLED", description="It is sent what it asked for.")
    DISABLED = strawberry.enum_value(
        "DISABLED", description="It is sent nothing, and what happens meanwhile is not kept for it."
    )


@strawberry.enum(
    name="WebhookDisabledBecause",
    description="Why an endpoint is disabled. More values may be added.",
)
class DisabledBecause(Enum):
    """Why an endpoint is sent nothing."""

    BY_OWNER = strawberry.enum_value("BY_OWNER", description="Its owner disabled it.")
    GONE = strawberry.enum_value("GONE", description="It answered 410: it wants nothing more.")
    FAILING = strawberry.enum_value(
        "FAILING", description="It did nothing but fail for three days, whatever it was sent."
    )


@strawberry.enum(name="WebhookDeliveryStatus", description="What became of a delivery.")
class DeliveryState(Enum):
    """What became of a delivery."""

    PENDING = strawberry.enum_value("PENDING", description="It is tried, or will be tried again.")
    DELIVERED = strawberry.enum_value("DELIVERED", description="The endpoint answered it with 2xx.")
    FAILED = strawberry.enum_value(
        "FAILED", description="It is not tried again by itself; `replayWebhookDelivery` does."
    )


@strawberry.enum(
    name="WebhookFault",
    description="Why an attempt did not succeed. More values may be added.",
)
class Fault(Enum):
    """Why an attempt did not succeed."""

    REFUSED = strawberry.enum_value("REFUSED", description="The answer's status is neither 2xx nor 3xx.")
    REDIRECTED = strawberry.enum_value(
        "REDIRECTED", description="The answer sends elsewhere, where webhooks do not follow."
    )
    UNREACHABLE = strawberry.enum_value(
        "UNREACHABLE", description="There was no whole answer in 10 seconds and 64 KiB."
    )
    FORBIDDEN = strawberry.enum_value(
        "FORBIDDEN", description="The URL leads, by now, where nothing is sent: it is not tried again."
    )
    NOT_PERMITTED = strawberry.enum_value(
        "NOT_PERMITTED",
        description="The account no longer holds a permission that this webhook takes, or may not manage webhooks any more: nothing was sent.",
    )
