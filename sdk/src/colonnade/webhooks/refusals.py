"""Why something of webhooks is refused."""

from colonnade.results import UserError, user_error


@user_error(
    "WEBHOOK_ENDPOINT_NOT_FOUND", advice="Read `webhookEndpoints` again: it is deleted, or never was."
)
class WebhookEndpointNotFound(UserError):
    """The caller has no webhook endpoint with this id."""


@user_error("TOO_MANY_WEBHOOK_ENDPOINTS", advice="Delete one first, or have one take more types.")
class TooManyWebhookEndpoints(UserError):
    """The caller has as many webhook endpoints as one may."""


@user_error("WEBHOOK_ENDPOINT_DISABLED", advice="Enable it with `updateWebhookEndpoint` first.")
class WebhookEndpointIsDisabled(UserError):
    """The endpoint is disabled, and is sent nothing."""


@user_error(
    "WEBHOOK_RECOVERY_IN_PROGRESS",
    advice="Follow the `operation` that the message names, or cancel it, and ask again when it has ended.",
)
class WebhookRecoveryInProgress(UserError):
    """The endpoint is being sent again what it missed, as somebody asked for before."""


@user_error("WEBHOOK_DELIVERY_NOT_FOUND", advice="Read `webhookDeliveries` again: it is kept for 14 days.")
class WebhookDeliveryNotFound(UserError):
    """The caller has no webhook delivery with this id, or it is kept no more."""


@user_error("WEBHOOK_DELIVERY_IN_PROGRESS", advice="Look at the delivery again, after `retryAfterMs`.")
class WebhookDeliveryInProgress(UserError):
    """The delivery is being sent at this moment."""
