"""GraphQL responses in bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final, cast

from colonnade.http import Response
from colonnade.masking import Fault
from colonnade.server.negotiation import JSON
from colonnade.server.security import DATA, HEADERS

_HEADERS: Final[Mapping[str, str]] = {"vary": "accept", **HEADERS, **DATA}
_PLAIN: Final = frozenset({str, int, bool, type(None)})
_NONE: Final[Mapping[str, str]] = MappingProxyType({})


def encode(body: object) -> bytes:
    """`body` as JSON in UTF-8. Raises ValueError or TypeError for what JSON cannot hold."""
    import orjson  # noqa: PLC0415 - native code of the target, where a package is made on another machine

    # As the standard library: what is no JSON is an error.
    as_json = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME
    try:
        written = orjson.dumps(body, option=as_json)
    except TypeError:  # an integer beyond 64 bits, half a surrogate pair, a key that is no text
        return _standard(body)
    # It writes null for what is no number, which the standard library refuses.
    return _standard(body) if b"null" in written and _holds_no_number(body) else written


def _holds_no_number(body: object) -> bool:
    """Whether a float within is none; with few steps for each value, since answers hold many."""
    waiting: list[Any] = [[body]]
    for held in waiting:
        for value in cast(Iterable[Any], held.values() if isinstance(held, dict) else held):
            if type(value) in _PLAIN:
                continue
            if isinstance(value, dict | list | tuple):
                waiting.append(value)
            elif isinstance(value, float) and not math.isfinite(value):
                return True
    return False


def _standard(body: object) -> bytes:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # Half a surrogate pair has no UTF-8; backslashreplace writes it as JSON escapes it.
    return text.encode("utf-8", "backslashreplace")


def response(
    status: int, body: bytes, request_id: str, *, media_type: str = JSON, headers: Mapping[str, str] = _NONE
) -> Response:
    """A response with the headers that all of ours have."""
    own = {"content-type": f"{media_type}; charset=utf-8", **_HEADERS, "x-request-id": request_id}
    return Response(status, {**own, **headers}, body)


def fault_response(
    status: int, fault: Fault, request_id: str, headers: Mapping[str, str] = _NONE
) -> Response:
    """A response for a request that never became an operation."""
    return response(status, encode({"errors": [fault.formatted(request_id)]}), request_id, headers=headers)
