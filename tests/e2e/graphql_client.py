"""A client of the API: GraphQL over HTTP, and graphql-transport-ws over a WebSocket. It knows nothing of our code."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from typing import Any, Final

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

PATIENCE: Final = 90.0


@dataclass(frozen=True)
class Client:
    """Someone who uses the API at `port`, signed in with `token` or nobody."""

    port: int
    token: str | None = None

    def ask(self, query: str, **variables: Any) -> Any:
        """The data of an operation, which must succeed."""
        headers = {"content-type": "application/json", "accept": "application/graphql-response+json"}
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        connection = HTTPConnection("localhost", self.port, timeout=PATIENCE)
        connection.request("POST", "/graphql", json.dumps({"query": query, "variables": variables}), headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        assert "errors" not in answer, answer
        return answer["data"]

    def at(self, port: int) -> Client:
        """The same client of an API that moved."""
        return replace(self, port=port)

    def signed_in(self, token: str) -> Client:
        """The same client with a token."""
        return replace(self, token=token)

    @contextmanager
    def follow(self, query: str, **variables: Any) -> Iterator[Following]:
        """A subscription, on a socket of its own, until the block ends."""
        protocol = Subprotocol("graphql-transport-ws")
        with connect(
            f"ws://localhost:{self.port}/graphql", subprotocols=[protocol], open_timeout=PATIENCE
        ) as socket:
            assert socket.subprotocol == protocol
            payload = {"authorization": f"Bearer {self.token}"} if self.token else {}
            socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            assert json.loads(socket.recv(PATIENCE))["type"] == "connection_ack"
            wanted = {"query": query, "variables": variables}
            socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": wanted}))
            yield Following(socket)


@dataclass
class Following:
    """What a subscription has brought so far: the value of its field in each message."""

    socket: ClientConnection
    seen: list[Any] = field(default_factory=list[Any])

    def until(self, done: Callable[[Any], bool]) -> Any:
        """Read on until a message for which `done` holds, and give it; whatever came is in `seen`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                message = json.loads(self.socket.recv(deadline - time.monotonic()))
            except TimeoutError:
                break
            except ConnectionClosed as closed:
                raise AssertionError(f"the socket closed after {self.seen}") from closed
            if message["type"] == "ping":
                self.socket.send(json.dumps({"type": "pong"}))
                continue
            assert message["type"] == "next", message
            assert "errors" not in message["payload"], message
            (value,) = message["payload"]["data"].values()
            self.seen.append(value)
            if done(value):
                return value
        raise AssertionError(f"waited in vain after {self.seen}")
