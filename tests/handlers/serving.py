"""The local gateway on a real port, and what tests say to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from handlers.gateway import Gateway
from handlers.gateway.serving import server
from infra.local import ports

PROTOCOL = Subprotocol("graphql-transport-ws")
PATIENCE = 20.0


@contextmanager
def serving(gateway: Gateway) -> Iterator[int]:
    """Serves `gateway` on this port until the block ends."""
    listener = ports.listen(0, "the test")
    running = server(gateway)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        running.should_exit = True
        thread.join()
        gateway.close()
        listener.close()


def open_socket(port: int, path: str = "/graphql", **options: Any) -> ClientConnection:
    """A socket that speaks graphql-transport-ws, unless `options` say otherwise."""
    asked: dict[str, Any] = {
        "subprotocols": [PROTOCOL],
        "open_timeout": PATIENCE,
        "compression": None,
        **options,
    }
    socket: ClientConnection = connect(f"ws://127.0.0.1:{port}{path}", **asked)
    return socket


def manage(
    port: int, method: str, connection_id: str, body: str = "", headers: Mapping[str, str] | None = None
) -> tuple[int, Any]:
    """What the management API answers: the status, and the body's JSON."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request(method, f"/@connections/{connection_id}", body.encode(), dict(headers or {}))
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response.status, json.loads(text) if text else None


class Recording:
    """A handler that keeps the events, echoes the sub-protocol, and does no more."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []
        self._more = threading.Condition()

    def __call__(self, event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        with self._more:
            self.events.append(event)
            self._more.notify_all()
        return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": PROTOCOL}}

    def wait_for(self, count: int) -> list[Mapping[str, Any]]:
        """The first `count` events."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.events) >= count, PATIENCE)
            return self.events[:count]

    @property
    def connection_id(self) -> str:
        """Of the first socket."""
        return str(self.wait_for(1)[0]["requestContext"]["connectionId"])
