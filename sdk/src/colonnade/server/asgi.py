"""The server as an ASGI application, for any framework or server that speaks ASGI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any, TypeAlias

from colonnade.http import Request
from colonnade.server.execution import Server

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


class Disconnected(Exception):
    """Whoever asked has left before the whole request was there: half of one is not what was asked for."""


class GraphQLApplication:
    """Answers every HTTP request it is given as GraphQL.

    `request_id` finds the id that whoever stands in front gave the request; without one the server makes it up.
    """

    def __init__(self, server: Server, request_id: Callable[[Scope], str] = lambda scope: "") -> None:
        self._server = server
        self._request_id = request_id

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self._server.limits.body_bytes
        try:
            request = await read_request(scope, receive, limit, self._request_id(scope))
        except Disconnected:
            return
        response = await self._server.execute(request)
        headers = [
            (name.encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()
        ]
        headers.append((b"content-length", str(len(response.body)).encode()))
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})


async def read_request(scope: Scope, receive: Receive, body_bytes: int, request_id: str = "") -> Request:
    """The request of an ASGI scope; of a body longer than `body_bytes`, one byte more. Raises `Disconnected`."""
    return replace(request_head(scope, request_id), body=await read_body(receive, body_bytes))


def request_head(scope: Scope, request_id: str = "") -> Request:
    """The request of an ASGI scope without its body."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("utf-8", "replace")
        joint = "; " if name == "cookie" else ", "
        headers[name] = f"{headers[name]}{joint}{value}" if name in headers else value
    client = scope.get("client")
    return Request(
        method=scope["method"],
        path=scope["path"],
        query=scope["query_string"].decode("utf-8", "replace"),
        headers=headers,
        request_id=request_id,
        source_ip=client[0] or "" if client else "",
    )


async def read_body(receive: Receive, limit: int) -> bytes:
    """The body of a request; of one longer than `limit`, one byte more than that. Raises `Disconnected`."""
    body = bytearray()
    while len(body) <= limit:
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body[: limit + 1])
