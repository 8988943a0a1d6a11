"""`python -m handlers.local` serves WebSockets where it serves GraphQL, and ends while they are open."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from tests.e2e.stack import PATIENCE, gone, running
from tests.handlers.serving import open_socket


def exchange(socket: ClientConnection, **message: Any) -> Any:
    socket.send(json.dumps(message))
    return json.loads(socket.recv(PATIENCE))


@pytest.mark.onchain
def test_stack_speaks_graphql_over_a_socket_and_stops_while_it_is_open(tmp_path: Path) -> None:
    with running(tmp_path) as stack:
        with pytest.raises(InvalidStatus) as refused:
            open_socket(stack.port, origin="https://evil.example")
        assert refused.value.response.status_code == 403
        page = f"http://localhost:{stack.port}"
        with open_socket(stack.port, origin=page) as socket:
            assert exchange(socket, type="connection_init") == {"type": "connection_ack"}
            assert exchange(socket, type="ping", payload={"a": 1}) == {"type": "pong", "payload": {"a": 1}}
            answer = exchange(socket, type="subscribe", id="1", payload={"query": "{ __typename }"})
            assert answer["payload"]["data"] == {"__typename": "Query"}
            assert json.loads(socket.recv(PATIENCE)) == {"id": "1", "type": "complete"}
            children = stack.descendants()
            stack.process.send_signal(signal.SIGTERM)
            assert stack.process.wait(PATIENCE) == 128 + signal.SIGTERM
            assert gone(children)
            assert stack.process.stdout is not None
            assert "Traceback" not in stack.process.stdout.read()
