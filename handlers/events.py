"""API Gateway's HTTP events (payload format 2.0) as requests, and responses as what it expects back."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, TypeAlias
from urllib.parse import unquote

from colonnade.http import Request, Response

Event: TypeAlias = Mapping[str, Any]


class MalformedEvent(ValueError):
    """An event whose body or headers are not what they claim to be; API Gateway itself makes none."""


def request_of(event: Event) -> Request:
    """The request that an event describes. Raises `MalformedEvent`."""
    context = event["requestContext"]
    headers = {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    if event.get("cookies"):
        headers["cookie"] = "; ".join(event["cookies"])
    try:
        for value in headers.values():
            value.encode()
        body = _body(event)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise MalformedEvent(str(error)) from error
    return Request(
        method=context["http"]["method"],
        path=unquote(context["http"]["path"]) or "/",
        query=event.get("rawQueryString") or "",
        headers=headers,
        body=body,
        request_id=context.get("requestId") or "",
        source_ip=context["http"].get("sourceIp") or "",
    )


def result_of(response: Response) -> dict[str, Any]:
    """What a handler returns for a response of text, which may be compressed."""
    packed = "content-encoding" in response.headers
    return {
        "statusCode": response.status,
        "headers": dict(response.headers),
        "body": base64.b64encode(response.body).decode("ascii") if packed else response.body.decode("utf-8"),
        "isBase64Encoded": packed,
    }


def _body(event: Event) -> bytes:
    body = event.get("body") or ""
    return base64.b64decode(body) if event.get("isBase64Encoded") else str(body).encode()
