"""Which pages of other origins a browser lets call the HTTP API: what `CorsConfiguration` has API Gateway say on AWS.

Both answer for the handlers, which know nothing of it. No cookie is ever read, so none is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from handlers.origins import ANY, is_allowed

METHODS: Final = ("GET", "POST")
REQUEST_HEADERS: Final = (
    "authorization",
    "content-type",
    "apollo-require-preflight",
    "apollographql-client-name",
    "apollographql-client-version",
    "x-apollo-operation-id",
    "x-apollo-operation-name",
)
RESPONSE_HEADERS: Final = ("x-request-id", "retry-after")
MAX_AGE: Final = 7_200
"""Seconds for which a browser need not ask again."""


def preflight(method: str, headers: Mapping[str, str], origins: Sequence[str]) -> Mapping[str, Any] | None:
    """The answer to a browser that asks what a page may do; None where it asks something else."""
    if method != "OPTIONS" or "origin" not in headers or "access-control-request-method" not in headers:
        return None
    allowed = _allowed(headers, origins)
    if allowed:
        allowed |= {
            "access-control-allow-methods": ",".join(METHODS),
            "access-control-allow-headers": ",".join(REQUEST_HEADERS),
            "access-control-max-age": str(MAX_AGE),
        }
    return {"statusCode": 204, "headers": allowed, "body": ""}


def shared(
    result: Mapping[str, Any], headers: Mapping[str, str], origins: Sequence[str]
) -> Mapping[str, Any]:
    """A handler's `result` with what lets the page that asked read it, if it may."""
    if not (allowed := _allowed(headers, origins)):
        return result
    given = {name.lower(): value for name, value in (result.get("headers") or {}).items()}
    if "vary" in allowed and "vary" in given:
        allowed["vary"] = f"{given['vary']}, {allowed['vary']}"
    exposed = {"access-control-expose-headers": ",".join(RESPONSE_HEADERS)}
    return {**result, "headers": {**given, **allowed, **exposed}}


def _allowed(headers: Mapping[str, str], origins: Sequence[str]) -> dict[str, str]:
    origin = headers.get("origin")
    if origin is None or not is_allowed(origin, origins):
        return {}
    if ANY in origins:
        return {"access-control-allow-origin": "*"}
    return {"access-control-allow-origin": origin, "vary": "origin"}
