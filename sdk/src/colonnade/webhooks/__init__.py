"""Outgoing webhooks: servers of third parties are told of what happened, as https://www.standardwebhooks.com says.

TIPPED = WebhookType("tip.received", "A tip was received.", Tipped, told_of_tip)

def told_of_tip(event: Tipped) -> Notice | None:
    return Notice((event.creator,), {"tipId": event.tip_id, "amount": str(event.amount)})

@hookimpl
def webhooks(): return [TIPPED]
"""

from colonnade.webhooks.declaration import Notice, WebhookType

__all__ = ["Notice", "WebhookType"]
