"""Who may manage webhooks."""

from __future__ import annotations

from typing import Final

from colonnade.context import Context
from colonnade.errors import Unauthenticated
from colonnade.permissions import Permission, Principal

MANAGE_WEBHOOKS: Final = Permission(
    "MANAGE_WEBHOOKS",
    "Manage the webhook endpoints of the account, and read what they were sent.",
    granted_to="members",
)


def may_manage(context: Context) -> Principal | None:
    """The caller, if it may manage webhooks."""
    principal = context.principal
    return principal if principal is not None and principal.holds(MANAGE_WEBHOOKS) else None


def caller(context: Context) -> Principal:
    """The caller. Raises `Unauthenticated`."""
    if context.principal is None:
        raise Unauthenticated("webhooks belong to a signed-in caller")
    return context.principal
