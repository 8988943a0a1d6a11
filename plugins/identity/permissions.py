"""Who asks, and by which kind of credential."""

from __future__ import annotations

from typing import TypeGuard

from colonnade import Context
from colonnade.errors import Forbidden, Unauthenticated
from colonnade.permissions import Principal


def signed_in(context: Context) -> Principal:
    """Whoever asks. Raises `Unauthenticated`."""
    if context.principal is None:
        raise Unauthenticated("this needs a signed-in caller")
    return context.principal


def in_session(context: Context) -> Principal:
    """Whoever asks, signed in with a wallet: an API key must not make or break credentials.

    Raises `Unauthenticated` and `Forbidden`.
    """
    principal = signed_in(context)
    if not is_session(principal):
        raise Forbidden("this needs a session of somebody who signed in with a wallet, not an API key")
    return principal


def is_session(principal: Principal | None) -> TypeGuard[Principal]:
    """Whether somebody asks who signed in with a wallet."""
    return principal is not None and (principal.credential or "").startswith("ses_")
