"""HTTP requests as API Gateway's events (payload format 2.0), and the handler's results as responses."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from colonnade.server.asgi import Message, Scope


def event_of(scope: Scope, body: bytes) -> dict[str, Any]:
    """The event that API Gateway makes of an HTTP request."""
    headers, cookies = headers_of(scope)
    path = str(scope["path"])
    now = time.time()
    text = _text(body)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": quote(scope["query_string"], safe="%!$&'()*+,;=:@/?-._~[]{}|\\^`\"<>"),
        "cookies": cookies,
        "headers": headers,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": headers.get("host", "localhost"),
            "http": {
                "method": scope["method"],
                "path": quote(path),
                "protocol": f"HTTP/{scope['http_version']}",
                "sourceIp": scope["client"][0] if scope.get("client") else "",
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": uuid.uuid4().hex,
            "routeKey": "$default",
            "stage": "$default",
            "timeEpoch": int(now * 1_000),
        },
        "body": base64.b64encode(body).decode() if text is None else text,
        "isBase64Encoded": text is None,
    }


def headers_of(scope: Scope) -> tuple[dict[str, str], list[str]]:
    """Header fields of one name joined by commas, and the cookies apart, as API Gateway has them."""
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        if name == "cookie":
            cookies += [cookie.strip() for cookie in value.split(";")]
        else:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers, cookies


def _text(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None


def messages_of(result: Mapping[str, Any], prefix: str = "http") -> tuple[Message, Message]:
    """What an ASGI server is told to answer. `prefix`: `websocket.http` refuses an upgrade."""
    text = result.get("body") or ""
    body = base64.b64decode(text) if result.get("isBase64Encoded") else text.encode()
    headers = [
        (name.lower().encode(), str(value).encode("latin-1"))
        for name, value in (result.get("headers") or {}).items()
    ]
    headers = [field for field in headers if field[0] != b"content-length"]
    headers += [(b"set-cookie", cookie.encode("latin-1")) for cookie in result.get("cookies") or ()]
    headers.append((b"content-length", str(len(body)).encode()))
    return (
        {"type": f"{prefix}.response.start", "status": result["statusCode"], "headers": headers},
        {"type": f"{prefix}.response.body", "body": body},
    )


def plain(status: int, message: str, headers: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """A result of the gateway's own."""
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", **(headers or {})},
        "body": f'{{"message":"{message}"}}',
    }
