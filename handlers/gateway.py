"""API Gateway on a laptop: HTTP in, the same events to the same handler, its results out."""

from __future__ import annotations

import asyncio
import base64
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import quote

from colonnade.server.asgi import Message, Receive, Scope, Send, read_body

LARGEST_BODY: Final = 10 * 1024 * 1024
"""Bytes; API Gateway refuses more before any function sees them."""

Handler = Callable[[Mapping[str, Any], object], Mapping[str, Any]]

_log = logging.getLogger(__name__)


class Gateway:
    """An ASGI application that hands each request to `handler` as an event of payload format 2.0.

    Events are handled in threads, as many at once as `threads`, and each thread runs one at a time, like a Lambda
    sandbox.
    """

    def __init__(self, handler: Handler, threads: int = 16) -> None:
        self._handler = handler
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="lambda")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"the local gateway carries HTTP, not {scope['type']}")
        body = await read_body(receive, LARGEST_BODY)
        if len(body) > LARGEST_BODY:
            result: Mapping[str, Any] = _plain(413, "Request Entity Too Large")
        else:
            result = await asyncio.get_running_loop().run_in_executor(
                self._threads, self._handle, event_of(scope, body)
            )
        for message in _messages(result):
            await send(message)

    def close(self) -> None:
        """Ends the threads; what they work on is finished first."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _handle(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return self._handler(event, None)
        except Exception:
            _log.exception("The handler raised: API Gateway would answer 500")
            return _plain(500, "Internal Server Error")


def event_of(scope: Scope, body: bytes) -> dict[str, Any]:
    """The event that API Gateway makes of an HTTP request."""
    headers, cookies = _headers(scope)
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


def _headers(scope: Scope) -> tuple[dict[str, str], list[str]]:
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


def _messages(result: Mapping[str, Any]) -> tuple[Message, Message]:
    text = result.get("body") or ""
    body = base64.b64decode(text) if result.get("isBase64Encoded") else text.encode()
    headers = [
        (name.lower().encode(), str(value).encode("latin-1")) for name, value in result["headers"].items()
    ]
    headers = [field for field in headers if field[0] != b"content-length"]
    headers += [(b"set-cookie", cookie.encode("latin-1")) for cookie in result.get("cookies") or ()]
    headers.append((b"content-length", str(len(body)).encode()))
    return (
        {"type": "http.response.start", "status": result["statusCode"], "headers": headers},
        {"type": "http.response.body", "body": body},
    )


def _plain(status: int, message: str) -> Mapping[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": f'{{"message":"{message}"}}',
    }
