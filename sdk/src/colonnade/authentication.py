"""Who asks: credentials become a principal, through whichever plugin knows their kind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from colonnade.errors import Unauthenticated
from colonnade.permissions import Principal

if TYPE_CHECKING:
    from colonnade.context import Context


@dataclass(frozen=True, slots=True)
class Authenticator:
    """Knows one kind of credentials.

    `authenticate(context, credentials)` gets what follows `Bearer` in the Authorization header. It answers None for
    what is not of its kind, so that the next is asked, and raises `Unauthenticated` for what is and is not good.

    `renew(context, principal)` looks again at somebody whom it recognised earlier: the principal with the permissions it
    holds now, or None where its credential is not of this kind. It raises `Unauthenticated` where that has ended. Whoever
    follows something is looked at so every few seconds, and is told nothing more afterwards. Without it a principal stays
    what it was until its `expires_at`, or until a `CredentialRevoked`.
    """

    name: str
    authenticate: Callable[[Context, str], Awaitable[Principal | None]]
    renew: Callable[[Context, Principal], Awaitable[Principal | None]] | None = None


async def principal_of(
    context: Context, authorization: str | None, authenticators: Sequence[Authenticator]
) -> Principal | None:
    """Whoever an Authorization header speaks for; None without one. Raises `Unauthenticated`."""
    if authorization is None:
        return None
    scheme, _, credentials = authorization.strip().partition(" ")
    if scheme.lower() != "bearer" or not credentials.strip():
        raise Unauthenticated("send credentials as `Authorization: Bearer …`")
    for authenticator in authenticators:
        principal = await authenticator.authenticate(context, credentials.strip())
        if principal is not None:
            return principal
    raise Unauthenticated("these credentials are not of a kind that is known here")
