"""The events that API Gateway makes of what happens on a WebSocket."""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from colonnade.server.asgi import Message, Scope
from handlers.gateway.http_events import headers_of
from handlers.gateway.sockets import Socket

STAGE = "local"


def connect_event(socket: Socket, scope: Scope) -> dict[str, Any]:
    """`$connect`: somebody asks for an upgrade. Its headers come with this event only."""
    headers, cookies = headers_of(scope)
    if cookies:
        headers["cookie"] = "; ".join(cookies)
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    several: dict[str, list[str]] = {}
    for name, value in pairs:
        several.setdefault(name, []).append(value)
    query: dict[str, Any] = {}
    if pairs:
        query = {"queryStringParameters": dict(pairs), "multiValueQueryStringParameters": several}
    return {
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        **query,
        **_event(socket, "$connect", "CONNECT", headers.get("host", "localhost")),
    }


def message_event(socket: Socket, message: Message, host: str) -> dict[str, Any]:
    """`$default`: a message, text or bytes."""
    event = _event(socket, "$default", "MESSAGE", host)
    event["requestContext"]["messageId"] = uuid.uuid4().hex[:12] + "="
    text = message.get("text")
    if text is None:
        return {**event, "body": base64.b64encode(message["bytes"]).decode(), "isBase64Encoded": True}
    return {**event, "body": text}


def disconnect_event(socket: Socket, code: int, reason: str, host: str) -> dict[str, Any]:
    """`$disconnect`: the socket is closed already."""
    event = _event(socket, "$disconnect", "DISCONNECT", host)
    event["requestContext"] |= {"disconnectStatusCode": code, "disconnectReason": reason}
    headers = {"Host": host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": ""}
    return {"headers": headers, "multiValueHeaders": {name: [v] for name, v in headers.items()}, **event}


def failure_message(socket: Socket, event: Mapping[str, Any]) -> Mapping[str, str]:
    """What API Gateway tells a client by itself when the handler of a message fails."""
    return {
        "message": "Internal server error",
        "connectionId": socket.id,
        "requestId": event["requestContext"]["requestId"],
    }


def _event(socket: Socket, route: str, kind: str, host: str) -> dict[str, Any]:
    now = time.time()
    request_id = uuid.uuid4().hex[:15] + "="
    return {
        "requestContext": {
            "routeKey": route,
            "eventType": kind,
            "extendedRequestId": request_id,
            "requestTime": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
            "messageDirection": "IN",
            "stage": STAGE,
            "connectedAt": int(socket.connected_at * 1_000),
            "requestTimeEpoch": int(now * 1_000),
            "identity": {"sourceIp": socket.source_ip, "userAgent": socket.user_agent},
            "requestId": request_id,
            "domainName": host,
            "connectionId": socket.id,
            "apiId": "local",
        },
        "isBase64Encoded": False,
    }
