"""The local gateway treats WebSockets as API Gateway does: events, order, concurrency, and what is refused."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from handlers.gateway import Gateway
from tests.handlers.sample import never
from tests.handlers.serving import PATIENCE, PROTOCOL, Recording, manage, open_socket, serving


def kinds(events: list[Mapping[str, Any]]) -> list[tuple[str, str]]:
    return [(e["requestContext"]["eventType"], e["requestContext"]["routeKey"]) for e in events]


def test_socket_is_connect_messages_and_disconnect_under_one_id() -> None:
    handler = Recording()
    with serving(Gateway(never, handler)) as port:
        with open_socket(port, "/graphql?a=1&a=2", user_agent_header="curious") as socket:
            assert socket.subprotocol == PROTOCOL
            socket.send("hello")
            handler.wait_for(2)
        connect, message, disconnect = handler.wait_for(3)
    events = [connect, message, disconnect]
    assert kinds(events) == [("CONNECT", "$connect"), ("MESSAGE", "$default"), ("DISCONNECT", "$disconnect")]
    assert len({e["requestContext"]["connectionId"] for e in events}) == 1
    assert len({e["requestContext"]["requestId"] for e in events}) == 3
    assert len({e["requestContext"]["connectedAt"] for e in events}) == 1
    assert connect["requestContext"]["identity"] == {"sourceIp": "127.0.0.1", "userAgent": "curious"}
    assert connect["headers"]["sec-websocket-protocol"] == PROTOCOL
    assert connect["queryStringParameters"] == {"a": "2"}
    assert connect["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert (message["body"], message["isBase64Encoded"]) == ("hello", False)
    assert "body" not in connect
    assert "headers" not in message
    assert disconnect["requestContext"]["disconnectStatusCode"] == 1000


def test_bytes_come_as_base64() -> None:
    handler = Recording()
    with serving(Gateway(never, handler)) as port, open_socket(port) as socket:
        socket.send(b"\xff\x00")
        message = handler.wait_for(2)[1]
    assert (base64.b64decode(message["body"]), message["isBase64Encoded"]) == (b"\xff\x00", True)


def test_refused_connect_is_an_http_answer_and_nothing_follows(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[str] = []

    def handler(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        seen.append(event["requestContext"]["eventType"])
        return {"statusCode": 400, "headers": {"content-type": "text/plain"}, "body": "not like this"}

    gateway = Gateway(never, handler)
    with serving(gateway) as port, pytest.raises(InvalidStatus) as refused:
        open_socket(port)
    assert refused.value.response.status_code == 400
    assert refused.value.response.body == b"not like this"
    assert seen == ["CONNECT"]
    assert len(gateway.sockets) == 0
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_upgrade_elsewhere_reaches_no_handler() -> None:
    with serving(Gateway(never, never)) as port, pytest.raises(InvalidStatus) as refused:
        open_socket(port, "/elsewhere")
    assert refused.value.response.status_code == 403


def test_messages_of_one_socket_are_handled_at_once() -> None:
    both = threading.Barrier(2, timeout=PATIENCE)
    met = threading.Event()

    def handler(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        if event["requestContext"]["eventType"] == "MESSAGE":
            both.wait()
            met.set()
        return {"statusCode": 200}

    with serving(Gateway(never, handler, threads=4)) as port, open_socket(port, subprotocols=None) as socket:
        socket.send("subscribe")
        socket.send("complete")
        assert met.wait(PATIENCE)


def test_disconnect_comes_while_a_message_is_still_handled() -> None:
    gone = threading.Event()
    noticed: list[bool] = []

    def handler(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        if event["requestContext"]["eventType"] == "MESSAGE":
            noticed.append(gone.wait(PATIENCE))
        if event["requestContext"]["eventType"] == "DISCONNECT":
            gone.set()
        return {"statusCode": 200}

    with serving(Gateway(never, handler)) as port, open_socket(port, subprotocols=None) as socket:
        socket.send("slow")
    assert noticed == [True]


def test_handler_that_fails_has_the_gateway_speak_for_itself(caplog: pytest.LogCaptureFixture) -> None:
    def handler(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        if event["requestContext"]["eventType"] == "MESSAGE":
            raise RuntimeError("a bug")
        return {"statusCode": 200}

    with serving(Gateway(never, handler)) as port, open_socket(port, subprotocols=None) as socket:
        socket.send("{}")
        said = json.loads(socket.recv(PATIENCE))
    assert said["message"] == "Internal server error"
    assert set(said) == {"message", "connectionId", "requestId"}
    assert "a bug" in caplog.text


def test_posting_is_for_sockets_that_are_open() -> None:
    during: list[int] = []
    at: list[int] = []

    def handler(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        told = event["requestContext"]
        if told["eventType"] != "MESSAGE":
            during.append(manage(at[0], "POST", told["connectionId"], "too early, or too late")[0])
        return {"statusCode": 200}

    with serving(Gateway(never, handler)) as port:
        at.append(port)
        with open_socket(port, subprotocols=None):
            pass
    assert during == [410, 410]


def test_posted_messages_arrive_in_order() -> None:
    handler = Recording()
    with serving(Gateway(never, handler)) as port, open_socket(port) as socket:
        statuses = [manage(port, "POST", handler.connection_id, f"é{n}")[0] for n in range(20)]
        assert [socket.recv(PATIENCE) for _ in range(20)] == [f"é{n}" for n in range(20)]
    assert set(statuses) == {200}


def test_socket_is_described_and_closed_by_its_id() -> None:
    handler = Recording()
    with serving(Gateway(never, handler)) as port, open_socket(port) as socket:
        status, described = manage(port, "GET", handler.connection_id)
        assert (status, set(described)) == (200, {"connectedAt", "identity", "lastActiveAt"})
        assert manage(port, "DELETE", handler.connection_id) == (204, None)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(PATIENCE)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000, "nobody can choose another"
        assert manage(port, "DELETE", handler.connection_id)[0] == 410
        assert manage(port, "PUT", handler.connection_id)[0] == 405
        assert kinds(handler.wait_for(2))[1] == ("DISCONNECT", "$disconnect")
