"""The management API of the local gateway: `POST`, `GET` and `DELETE` on `/@connections/{id}`.

It answers programs on this machine only. Browsers are refused: no page, whoever made it, is to speak for the server.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from colonnade.errors import ConnectionGone, ConnectionThrottled, MessageTooLarge
from colonnade.server.asgi import Scope
from handlers.gateway.http_events import headers_of
from handlers.gateway.sockets import CLOSED_NORMALLY, Socket, Sockets

PATH: Final = "/@connections/"


def manage(sockets: Sockets, scope: Scope, body: bytes) -> Mapping[str, Any]:
    """The result of one request, with the status and the error type of API Gateway's."""
    if not _may(scope):
        return _error(403, "ForbiddenException", "only programs on this machine may manage connections")
    try:
        return _do(sockets, scope["method"], scope["path"].removeprefix(PATH), body)
    except ConnectionGone:
        return _error(410, "GoneException", "the client has left")
    except MessageTooLarge as error:
        return _error(413, "PayloadTooLargeException", str(error))
    except ConnectionThrottled as error:
        return _error(429, "LimitExceededException", str(error))


def _do(sockets: Sockets, method: str, connection_id: str, body: bytes) -> Mapping[str, Any]:
    if method == "POST":
        sockets.post(connection_id, body.decode("utf-8", "replace"))
        return _answer(200, "")
    if method == "GET":
        return _answer(200, json.dumps(_description(sockets.find(connection_id))))
    if method == "DELETE":
        sockets.find(connection_id).close(CLOSED_NORMALLY)
        return _answer(204, "")
    return _error(405, "MethodNotAllowedException", f"{method} is not POST, GET or DELETE")


def _may(scope: Scope) -> bool:
    client = scope.get("client")
    headers, _ = headers_of(scope)
    try:
        here = client is not None and ipaddress.ip_address(client[0]).is_loopback
    except ValueError:
        here = False
    return here and "origin" not in headers


def _description(socket: Socket) -> Mapping[str, Any]:
    return {
        "connectedAt": datetime.fromtimestamp(socket.connected_at, UTC).isoformat(),
        "identity": {"sourceIp": socket.source_ip, "userAgent": socket.user_agent},
        "lastActiveAt": datetime.fromtimestamp(socket.last_active, UTC).isoformat(),
    }


def _error(status: int, kind: str, message: str) -> Mapping[str, Any]:
    return {**_answer(status, json.dumps({"message": message})), "headers": {"x-amzn-errortype": kind}}


def _answer(status: int, body: str) -> Mapping[str, Any]:
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": body}
