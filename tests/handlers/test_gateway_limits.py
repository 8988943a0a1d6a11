"""The local gateway enforces API Gateway's limits on sockets, so that no laptop is kinder than production."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

from colonnade.connections import LARGEST_MESSAGE
from handlers.gateway import Gateway
from handlers.gateway.management import manage as management
from handlers.gateway.sockets import LARGEST_FRAME, Patience, Sockets
from tests.handlers.sample import never
from tests.handlers.serving import PATIENCE, Recording, manage, open_socket, serving


def close_code(socket: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(PATIENCE)
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_largest_frame_is_taken_and_one_byte_more_ends_the_connection() -> None:
    handler = Recording()
    with serving(Gateway(never, handler)) as port, open_socket(port) as socket:
        socket.send("x" * LARGEST_FRAME)
        handler.wait_for(2)
        socket.send("x" * (LARGEST_FRAME + 1))
        assert close_code(socket) == 1009
        assert handler.wait_for(3)[2]["requestContext"]["eventType"] == "DISCONNECT"


def test_later_frame_of_a_message_is_limited_too() -> None:
    with serving(Gateway(never, Recording())) as port, open_socket(port) as socket:
        with suppress(ConnectionClosed):  # it may be over before all was sent
            socket.send(["x", "x" * (LARGEST_FRAME + 1)])
        assert close_code(socket) == 1009


def test_largest_message_is_taken_in_frames_and_a_longer_one_is_not() -> None:
    handler = Recording()
    frames = LARGEST_MESSAGE // LARGEST_FRAME
    with serving(Gateway(never, handler)) as port, open_socket(port) as socket:
        socket.send(["x" * LARGEST_FRAME] * frames)
        assert len(handler.wait_for(2)[1]["body"]) == LARGEST_MESSAGE
        with suppress(ConnectionClosed):
            socket.send([*["x" * LARGEST_FRAME] * frames, "x"])
        assert close_code(socket) == 1009


def test_socket_that_nobody_speaks_on_is_closed_after_ten_minutes() -> None:
    now = [1_000.0]
    handler = Recording()
    gateway = Gateway(never, handler, patience=Patience(look=0.01), clock=lambda: now[0])
    with serving(gateway) as port, open_socket(port) as socket:
        now[0] += 599
        assert manage(port, "POST", handler.connection_id, "this counts")[0] == 200
        now[0] += 599
        assert socket.recv(PATIENCE) == "this counts"
        socket.send("and so does this")
        handler.wait_for(2)
        now[0] += 599
        assert manage(port, "GET", handler.connection_id)[0] == 200, "asking is not speaking"
        now[0] += 1
        assert close_code(socket) == 1001


def test_no_socket_lives_longer_than_two_hours() -> None:
    now = [1_000.0]
    handler = Recording()
    gateway = Gateway(never, handler, patience=Patience(look=0.01), clock=lambda: now[0])
    with serving(gateway) as port, open_socket(port) as socket:
        for _ in range(13):
            now[0] += 553
            assert manage(port, "POST", handler.connection_id, "still here")[0] == 200
        now[0] = 1_000.0 + 7_200
        assert [socket.recv(PATIENCE) for _ in range(13)] == ["still here"] * 13
        assert close_code(socket) == 1001


def test_gateway_answers_for_a_function_that_takes_too_long(caplog: pytest.LogCaptureFixture) -> None:
    ends = threading.Event()

    def handler(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        if event["requestContext"].get("eventType", "MESSAGE") == "MESSAGE":
            assert ends.wait(PATIENCE)
        return {"statusCode": 200}

    gateway = Gateway(handler, handler, patience=Patience(answer=0.05))
    with serving(gateway) as port, open_socket(port, subprotocols=None) as socket:
        socket.send("{}")
        assert json.loads(socket.recv(PATIENCE))["message"] == "Internal server error"
        request = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        request.request("GET", "/")
        assert request.getresponse().status == 503
        request.close()
        ends.set()
    assert caplog.text.count("took longer than 0.05 s") == 2


def test_client_that_does_not_read_has_its_posts_throttled_until_it_does() -> None:
    handler = Recording()
    message = "x" * LARGEST_MESSAGE
    gateway = Gateway(never, handler)
    with serving(gateway) as port, open_socket(port, max_queue=1, max_size=None) as socket:
        taken = 0
        while (status := manage(port, "POST", handler.connection_id, message)[0]) == 200:
            taken += 1
            assert taken < 1_000, "the gateway takes everything"
        assert status == 429
        assert {socket.recv(PATIENCE) for _ in range(taken)} == {message}
        assert manage(port, "POST", handler.connection_id, "again")[0] == 200
        assert socket.recv(PATIENCE) == "again"


def test_message_too_large_to_post_is_refused() -> None:
    handler = Recording()
    with serving(Gateway(never, handler)) as port, open_socket(port):
        assert manage(port, "POST", handler.connection_id, "x" * (LARGEST_MESSAGE + 1))[0] == 413


def test_pages_manage_no_connections() -> None:
    handler = Recording()
    with serving(Gateway(never, handler)) as port, open_socket(port):
        page = {"origin": f"http://localhost:{port}"}
        assert manage(port, "POST", handler.connection_id, "spoofed", page)[0] == 403


@pytest.mark.parametrize("client", [("192.0.2.7", 5_000), ("localhost.example", 1), None])
def test_other_machines_manage_no_connections(client: tuple[str, int] | None) -> None:
    scope: dict[str, Any] = {"method": "POST", "path": "/@connections/x", "headers": [], "client": client}
    assert management(Sockets(Patience(), time.time), scope, b"spoofed")["statusCode"] == 403
