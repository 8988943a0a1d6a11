"""This deployment's own application on adapters in memory, and the two handlers that strangers reach."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from colonnade.clock import SystemClock
from colonnade.context import Clock
from colonnade.ids import UlidIds
from colonnade.testing import MemoryStore
from colonnade.testing.scripted_connections import ScriptedConnections
from handlers.http import HttpHandler
from handlers.runtime import Adapters, Application, build
from handlers.websocket import SocketHandler
from infra.rpc import JsonRpcChains
from tests.handlers.sample import ENVIRON, event, local_queues

JSON: Final = {"content-type": "application/json", "accept": "application/graphql-response+json"}
ENVIRONMENT: Final = {
    **{name: value for name, value in ENVIRON.items() if name != "COLONNADE_BODY_BYTES"},
    # What one client may spend is tried elsewhere: here the same one attacks for ever.
    "COLONNADE_BUCKET": "1000000000",
    "COLONNADE_RESTORE_RATE": "1000000000",
    "IDENTITY_ACCESS": "open",
    "IDENTITY_DOMAINS": "app.example",
}


class Counting(MemoryStore):
    """Notes what is asked of it: `calls`, the operations by name."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        self.calls: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        found: Any = super().__getattribute__(name)
        if name in _OPERATIONS:
            calls: list[str] = super().__getattribute__("calls")

            def counted(*arguments: Any, **named: Any) -> Any:
                calls.append(name)
                return found(*arguments, **named)

            return counted
        return found


_OPERATIONS: Final = frozenset(
    name for name in vars(MemoryStore) if not name.startswith("_") and callable(getattr(MemoryStore, name))
)


class Target:
    """What is attacked. `store.calls`: what it cost; `sockets`: what clients of sockets were sent."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        clock = SystemClock()
        self.store = Counting(clock)
        self.sockets = ScriptedConnections()
        chains = JsonRpcChains([])
        adapters = Adapters(self.store, chains, clock, UlidIds(clock), local_queues(), self.sockets)
        self.application: Application = build({**ENVIRONMENT, **(environment or {})}, adapters=adapters)
        self.http = HttpHandler(self.application)
        self.socket = SocketHandler(self.application.realtime.transport, ())
        self._number = 0

    def post(self, body: bytes, **headers: str) -> Mapping[str, Any]:
        """What API Gateway is given for a POST to /graphql."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http(event(body=body, headers={**JSON, **named}))

    def connected(self) -> str:
        """A socket that introduced itself, and has read the acknowledgement."""
        self._number += 1
        connection = self.sockets.open(f"client {self._number}")
        self.frame(connection, json.dumps({"type": "connection_init"}))
        assert [json.loads(text)["type"] for text in self.sockets.sent[connection]] == ["connection_ack"]
        self.sockets.sent[connection].clear()
        return connection

    def frame(self, connection: str, text: str) -> Mapping[str, Any]:
        """What the handler returns for a message; what the client is sent is in `sockets`."""
        told = {
            "connectionId": connection,
            "eventType": "MESSAGE",
            "requestId": "req-hostile",
            "identity": {"sourceIp": "192.0.2.1"},
        }
        return self.socket({"requestContext": told, "body": text, "isBase64Encoded": False})


@cache
def target() -> Target:
    """One for all tests of a process: it takes a second to compose."""
    return Target()


Way = Callable[[Target, bytes], tuple[list[dict[str, Any]], str]]
"""A way in: the errors that a request is answered with, and all of the answer as text."""


def over_http(attacked: Target, body: bytes) -> tuple[list[dict[str, Any]], str]:
    """The direct path of the HTTP handler."""
    result = attacked.post(body)
    assert 200 <= result["statusCode"] < 500, result
    text = str(result["body"])
    answer = json.loads(text)
    answers = answer if isinstance(answer, list) else [answer]
    return [error for one in answers for error in one.get("errors", ())], text


def over_starlette(attacked: Target, body: bytes) -> tuple[list[dict[str, Any]], str]:
    """The same by way of Mangum and Starlette, as everything that is no plain GraphQL."""
    result = attacked.http.through_starlette(event(body=body, headers=JSON))
    assert 200 <= result["statusCode"] < 500, result
    answer = json.loads(result["body"])
    answers = answer if isinstance(answer, list) else [answer]
    return [error for one in answers for error in one.get("errors", ())], str(result["body"])


def over_a_socket(attacked: Target, body: bytes) -> tuple[list[dict[str, Any]], str]:
    """As the payload of `subscribe` on a socket that is acknowledged."""
    connection = attacked.connected()
    attacked.store.calls.clear()
    payload = body.decode("utf-8", "replace")
    result = attacked.frame(connection, '{"id":"1","type":"subscribe","payload":' + payload + "}")
    assert result == {"statusCode": 200}
    sent = attacked.sockets.sent[connection]
    errors: list[dict[str, Any]] = []
    for message in map(json.loads, sent):
        if message["type"] == "error":
            errors += message["payload"]
        elif message["type"] == "next":
            errors += message["payload"].get("errors", ())
        elif message["type"] == "ping":
            errors.append(
                {"message": message["payload"]["violation"]["reason"], "extensions": {"code": "4400"}}
            )
    return errors, "".join(sent)
