"""Access tokens: JSON Web Tokens of ten minutes (RFC 7519, `at+jwt` of RFC 9068), verified without a read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from colonnade.errors import Unauthenticated
from plugins.identity.settings import IdentitySettings
from plugins.identity.tokens.base64url import decode, encode
from plugins.identity.tokens.key_ring import key_ring

LIFETIME: Final = timedelta(minutes=10)
MAX_LENGTH: Final = 4_096
"""Characters of a token."""

CLOCK_SKEW: Final = timedelta(seconds=30)
"""How far the clocks of those who issue and those who verify may differ."""

_ALGORITHM: Final = "EdDSA"
_TYPE: Final = "at+jwt"
_CLAIMS: Final = frozenset({"iss", "aud", "sub", "sid", "iat", "nbf", "exp", "permissions"})


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What a token says. `expires_at`: epoch seconds.

    `permissions`: `ACCESS` and `ADMIN` as far as they were given. What comes with them is no claim: it may change with
    the deployment, and a token would outgrow its header where plugins are many.
    """

    user: str
    session: str
    permissions: frozenset[str]
    expires_at: int


def issue(settings: IdentitySettings, claims: AccessClaims, now: datetime) -> str:
    """The token that says `claims` from `now` on."""
    ring = key_ring(settings.key_entries())
    issued_at = int(now.timestamp())
    header = {"alg": _ALGORITHM, "typ": _TYPE, "kid": ring.signing_kid}
    payload = {
        "iss": settings.issuer,
        "aud": settings.audience,
        "sub": claims.user,
        "sid": claims.session,
        "iat": issued_at,
        "nbf": issued_at,
        "exp": claims.expires_at,
        "permissions": sorted(claims.permissions),
    }
    signed = f"{_part(header)}.{_part(payload)}"
    return f"{signed}.{encode(ring.sign(signed.encode()))}"


def is_ours(token: str, issuer: str) -> bool:
    """Whether `token` claims to be one of this issuer's; nothing of it is verified."""
    parts = token.split(".")
    payload = _members(parts[1]) if len(parts) == 3 and len(token) <= MAX_LENGTH else None
    return payload is not None and payload.get("iss") == issuer


def verify(settings: IdentitySettings, token: str, now: datetime) -> AccessClaims:
    """What a good token says. Raises `Unauthenticated` for any other."""
    parts = token.split(".")
    if len(token) > MAX_LENGTH or len(parts) != 3 or not token.isascii():
        raise _refusal()
    header, signature = _members(parts[0]), decode(parts[2])
    if header is None or signature is None or header.keys() != {"alg", "typ", "kid"}:
        raise _refusal()
    if header["alg"] != _ALGORITHM or header["typ"] != _TYPE or not isinstance(header["kid"], str):
        raise _refusal()
    ring = key_ring(settings.key_entries())
    if not ring.verifies(header["kid"], signature, f"{parts[0]}.{parts[1]}".encode()):
        raise _refusal()
    return _claims(settings, _members(parts[1]), now.timestamp())


def _claims(settings: IdentitySettings, payload: Mapping[str, Any] | None, now: float) -> AccessClaims:
    if payload is None or payload.keys() != _CLAIMS:
        raise _refusal()
    if payload["iss"] != settings.issuer or payload["aud"] != settings.audience:
        raise _refusal()
    times = [payload[name] for name in ("iat", "nbf", "exp")]
    permissions = payload["permissions"]
    if not all(type(time) is int for time in times) or not isinstance(permissions, list):
        raise _refusal()
    if not all(isinstance(text, str) for text in (payload["sub"], payload["sid"], *permissions)):
        raise _refusal()
    issued_at, not_before, expires_at = times
    ahead = now + CLOCK_SKEW.total_seconds()
    if issued_at > ahead or not_before > ahead or expires_at - issued_at > LIFETIME.total_seconds():
        raise _refusal()
    if expires_at <= now:
        raise Unauthenticated("the access token has expired; take a new one with refreshSession")
    return AccessClaims(payload["sub"], payload["sid"], frozenset(permissions), expires_at)


def _part(members: Mapping[str, Any]) -> str:
    return encode(json.dumps(members, separators=(",", ":")).encode())


def _members(part: str) -> Mapping[str, Any] | None:
    """The members of an encoded JSON object; None for anything else, and where one occurs twice."""
    raw = decode(part)
    if raw is None:
        return None
    try:
        decoded = json.loads(raw.decode(), object_pairs_hook=_distinct)
    except (ValueError, RecursionError):
        return None
    return decoded if isinstance(decoded, dict) else None


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a member occurs twice")
    return members


def _refusal() -> Unauthenticated:
    return Unauthenticated("the access token is not one of ours, or was changed; sign in again")
