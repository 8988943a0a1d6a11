"""GraphQL responses in bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from colonnade.http import Response
from colonnade.masking import Fault
from colonnade.server.negotiation import JSON

_HEADERS: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "vary": "accept",
    "x-content-type-options": "nosniff",
}
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def encode(body: object) -> bytes:
    """`body` as JSON in UTF-8. Raises ValueError or TypeError for what JSON cannot hold."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Half a surrogate pair has no UTF-8; backslashreplace writes it as JSON escapes it.
    return text.encode("utf-8", "backslashreplace")


def response(
    status: int, body: bytes, request_id: str, *, media_type: str = JSON, headers: Mapping[str, str] = _NONE
) -> Response:
    """A response with the headers that all of ours have."""
    own = {"content-type": f"{media_type}; charset=utf-8", **_HEADERS, "x-request-id": request_id}
    return Response(status, {**own, **headers}, body)


def fault_response(status: int, fault: Fault, request_id: str) -> Response:
    """A response for a request that never became an operation."""
    return response(status, encode({"errors": [fault.formatted(request_id)]}), request_id)
