"""From an HTTP request to the parameters of a GraphQL operation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import parse_qsl

from colonnade.http import Request
from colonnade.limits import Limits
from colonnade.server import json_text
from colonnade.server.negotiation import require_json_body
from colonnade.server.refusal import Refusal, bad_request

_MAX_FIELDS: Final = 100


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a client asks for: the members of a GraphQL-over-HTTP request, of the right types.

    `query`: None where the document is only named, in `extensions`.
    """

    query: str | None
    operation_name: str | None
    variables: dict[str, Any]
    extensions: dict[str, Any]


def read(request: Request, limits: Limits) -> Parameters | list[Parameters]:
    """The parameters of a GET or POST, or those of each operation of a batch.

    Raises `Refusal` for every other method and every malformed request.
    """
    if request.method == "POST":
        return _from_body(request, limits)
    if request.method == "GET":
        return _from_query_string(request.query, limits)
    raise Refusal(405, "METHOD_NOT_ALLOWED", "use POST, or GET for a query", {"allow": "GET, POST"})


def _from_body(request: Request, limits: Limits) -> Parameters | list[Parameters]:
    require_json_body(request.headers.get("content-type"), request.headers.get("content-encoding"))
    if len(request.body) > limits.body_bytes:
        raise Refusal(413, "PAYLOAD_TOO_LARGE", f"the body may hold {limits.body_bytes:,} bytes")
    if not request.body:
        raise bad_request('the body is empty; send {"query": "{ … }"}')
    value = json_text.parse(json_text.decode(request.body), "the body")
    if not isinstance(value, list):
        return _from_object(value)
    operations = cast("list[object]", value)
    if not 1 <= len(operations) <= limits.batch:
        problem = f"a batch holds 1 to {limits.batch} operations, this one {len(operations)}"
        raise Refusal(400, "BATCH_TOO_LARGE", problem)
    return [_from_object(operation) for operation in operations]


def _from_object(value: object) -> Parameters:
    if not isinstance(value, dict):
        raise bad_request('the body is a JSON object, as in {"query": "{ … }"}, or an array of such')
    return parameters(cast("dict[str, Any]", value))


def _from_query_string(query: str, limits: Limits) -> Parameters:
    if len(query) > limits.body_bytes:
        raise Refusal(414, "PAYLOAD_TOO_LARGE", f"the query string may hold {limits.body_bytes:,} characters")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise bad_request(
            f"the query string is not UTF-8, percent-encoded, with at most {_MAX_FIELDS} parameters"
        ) from None
    members: dict[str, object] = {}
    for name, text in pairs:
        if name in members:
            raise bad_request(f"the query string has {name[:100]!r} twice")
        json_text.check_text(text, f"`{name[:100]}`")
        members[name] = text
    for name in ("variables", "extensions"):
        if name in members:
            members[name] = json_text.parse(str(members[name]), f"`{name}`")
    return parameters(members)


def parameters(members: dict[str, Any]) -> Parameters:
    """The parameters that a request or a `subscribe` message has as its members. Raises `Refusal`."""
    query = members.get("query")
    if not isinstance(query, str | None):
        raise bad_request("`query` is a string")
    operation_name = members.get("operationName")
    if not isinstance(operation_name, str | None):
        raise bad_request("`operationName` is a string")
    return Parameters(query, operation_name or None, _map(members, "variables"), _map(members, "extensions"))


def _map(members: dict[str, Any], name: str) -> dict[str, Any]:
    value = members.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad_request(f"`{name}` is an object")
    return cast("dict[str, Any]", value)
