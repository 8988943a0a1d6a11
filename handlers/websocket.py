"""API Gateway's WebSocket API: graphql-transport-ws over a socket that somebody else holds."""

from __future__ import annotations

import base64
import logging
import os
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, Protocol

from colonnade.server.refusal import Refusal
from colonnade.subscriptions.messages import SUB_PROTOCOL
from handlers import runtime
from handlers.events import Event
from handlers.origins import is_allowed

_OK: Final[Mapping[str, Any]] = {"statusCode": 200}
_CONNECTED: Final[Mapping[str, Any]] = {**_OK, "headers": {"Sec-WebSocket-Protocol": SUB_PROTOCOL}}
_log = logging.getLogger(__name__)


class Transport(Protocol):
    """What happens to sockets: `colonnade.subscriptions.protocol.GraphQLTransport`."""

    async def opened(self, connection_id: str, source_ip: str = "") -> None: ...

    async def received(
        self, connection_id: str, text: str, request_id: str = "", source_ip: str = ""
    ) -> None: ...

    async def closed(self, connection_id: str) -> None: ...


class SocketHandler:
    """Answers the events of a WebSocket API; each thread runs its own event loop.

    A client is refused at `$connect` only where it does not speak the protocol, or is a page of a foreign origin:
    once a socket is open it is never closed to refuse, as clients take the gateway's close code, 1000, for an
    invitation to connect again at once. Nothing is written before `connection_init`.
    """

    def __init__(self, transport: Transport, origins: Sequence[str]) -> None:
        self._transport = transport
        self._origins = tuple(origins)

    def __call__(self, event: Event, context: object = None) -> Mapping[str, Any]:
        """The result of one event, whatever it holds.

        A result that tells of a failure would have the gateway send the client a message that is not of the
        protocol, so it tells of none; what went wrong is in the log.
        """
        told = event["requestContext"]
        kind = told.get("eventType")
        if kind == "CONNECT" and (refusal := _refused(event, self._origins)):
            return refusal
        connection_id, request_id = str(told["connectionId"]), str(told.get("requestId") or "")
        source_ip = str((told.get("identity") or {}).get("sourceIp") or "")
        try:
            if kind == "CONNECT":
                runtime.run(self._transport.opened(connection_id, source_ip))
            elif kind == "MESSAGE":
                runtime.run(self._transport.received(connection_id, _text(event), request_id, source_ip))
            elif kind == "DISCONNECT":
                runtime.run(self._transport.closed(connection_id))
            else:
                _log.warning("An event of an unknown type", extra={"fields": {"eventType": str(kind)}})
        except Refusal as refusal:
            return _refusal(refusal.status, refusal.message)
        except Exception:
            fields = {"requestId": request_id, "connectionId": connection_id, "eventType": kind}
            _log.exception("An event of a socket failed", extra={"fields": fields})
        return _CONNECTED if kind == "CONNECT" else _OK


def _refused(event: Event, origins: Sequence[str]) -> Mapping[str, Any] | None:
    """Why an upgrade is refused, or None."""
    headers = {name.lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    if not is_allowed(headers.get("origin"), origins):
        return _refusal(403, "this API takes no WebSockets from pages of that origin")
    asked = [name.strip() for name in headers.get("sec-websocket-protocol", "").split(",")]
    if SUB_PROTOCOL not in asked:
        return _refusal(400, f"ask for the sub-protocol {SUB_PROTOCOL}")
    return None


def _refusal(status: int, message: str) -> Mapping[str, Any]:
    return {"statusCode": status, "headers": {"content-type": "text/plain"}, "body": message}


def _text(event: Event) -> str:
    """The message as text; what is none becomes text that no client means."""
    body = event.get("body")
    if body is None:
        return ""
    if not event.get("isBase64Encoded"):
        return str(body)
    return base64.b64decode(str(body)).decode("utf-8", "replace")


@cache
def _handler() -> SocketHandler:
    application = runtime.application()
    return SocketHandler(application.realtime.transport, application.settings.websocket_origins)


def handler(event: Event, context: object) -> Mapping[str, Any]:
    """The entry point of the Lambda function."""
    with runtime.invocation():
        return _handler()(event, context)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _handler()  # during initialisation, which is not billed as a request and is kept in a snapshot
