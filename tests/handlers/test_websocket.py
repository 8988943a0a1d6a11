"""The events of a WebSocket API: what is refused, what is handed on, and that nothing of ours reaches the gateway."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from colonnade.subscriptions.rows import CONNECTION
from colonnade.testing.scripted_connections import ScriptedConnections
from handlers import runtime
from handlers.http import HttpHandler
from handlers.websocket import SocketHandler
from tests.handlers.sample import event as http_event
from tests.handlers.sample import sample_application
from tests.handlers.test_cold_path import HEAVY

CONNECTION_ID = "L0SM9cOFvHcCIhw="
PROTOCOL = "graphql-transport-ws"
JSON = {"content-type": "application/json"}


class Keeping:
    """A transport that keeps what it is given."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.loops: set[int] = set()
        self._failure = failure

    async def opened(self, connection_id: str, source_ip: str = "") -> None:
        self._keep("opened", connection_id, source_ip)

    async def received(
        self, connection_id: str, text: str, request_id: str = "", source_ip: str = ""
    ) -> None:
        self._keep("received", connection_id, text, request_id, source_ip)

    async def closed(self, connection_id: str) -> None:
        self._keep("closed", connection_id)

    def _keep(self, *call: Any) -> None:
        self.calls.append(call)
        self.loops.add(id(asyncio.get_running_loop()))
        if self._failure is not None:
            raise self._failure


def event(kind: str | None, **more: Any) -> dict[str, Any]:
    """An event as API Gateway makes it."""
    told = {
        "connectionId": CONNECTION_ID,
        "eventType": kind,
        "requestId": "JKJaXmPLvHcESHA=",
        "identity": {"sourceIp": "192.0.2.1"},
    }
    return {"requestContext": told, "isBase64Encoded": False, **more}


def connect(headers: Mapping[str, str]) -> dict[str, Any]:
    return event("CONNECT", headers=dict(headers))


def handled(given: dict[str, Any], origins: Sequence[str] = ("*",)) -> tuple[Mapping[str, Any], Keeping]:
    transport = Keeping()
    return SocketHandler(transport, origins)(given), transport


@pytest.mark.parametrize("name", ["Sec-WebSocket-Protocol", "sec-websocket-protocol"])
@pytest.mark.parametrize("asked", [PROTOCOL, f"graphql-ws, {PROTOCOL}", f"{PROTOCOL},x"])
def test_upgrade_is_answered_with_the_sub_protocol(name: str, asked: str) -> None:
    result, transport = handled(connect({name: asked}))
    assert result == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": PROTOCOL}}
    assert transport.calls == [("opened", CONNECTION_ID, "192.0.2.1")]


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-WebSocket-Protocol": "graphql-ws"}, {"Sec-WebSocket-Protocol": ""}, {"x": PROTOCOL}]
)
def test_upgrade_without_the_sub_protocol_is_refused(headers: dict[str, str]) -> None:
    result, transport = handled(connect(headers))
    assert result["statusCode"] == 400
    assert PROTOCOL in result["body"]
    assert transport.calls == []


def test_upgrade_without_any_headers_is_refused() -> None:
    assert handled(event("CONNECT", headers=None))[0]["statusCode"] == 400
    assert handled(event("CONNECT"))[0]["statusCode"] == 400


def test_page_of_a_foreign_origin_is_refused() -> None:
    asked = {"Sec-WebSocket-Protocol": PROTOCOL, "Origin": "https://evil.example"}
    result, transport = handled(connect(asked), ("loopback", "https://app.example"))
    assert (result["statusCode"], transport.calls) == (403, [])
    asked["Origin"] = "https://app.example"
    assert handled(connect(asked), ("loopback", "https://app.example"))[0]["statusCode"] == 200


def test_connect_writes_no_row() -> None:
    application = sample_application()
    handler = SocketHandler(application.realtime.transport, ("*",))
    assert handler(connect({"Sec-WebSocket-Protocol": PROTOCOL}))["statusCode"] == 200
    row = runtime.run(application.adapters.store.get(CONNECTION.key(connection=CONNECTION_ID)))
    assert row is None


def test_message_and_disconnect_are_handed_on() -> None:
    result, transport = handled(event("MESSAGE", body='{"type":"ping"}'))
    assert result == {"statusCode": 200}
    assert transport.calls == [
        ("received", CONNECTION_ID, '{"type":"ping"}', "JKJaXmPLvHcESHA=", "192.0.2.1")
    ]
    result, transport = handled(event("DISCONNECT", headers={}))
    assert (result, transport.calls) == ({"statusCode": 200}, [("closed", CONNECTION_ID)])


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (base64.b64encode('{"é":1}'.encode()).decode(), '{"é":1}'),
        (base64.b64encode(b"\xff\x00").decode(), "\ufffd\x00"),
        ("", ""),
    ],
)
def test_bytes_are_read_as_text(body: str, text: str) -> None:
    _, transport = handled(event("MESSAGE", body=body, isBase64Encoded=True))
    assert transport.calls[0][2] == text


@pytest.mark.parametrize(
    "odd",
    [
        event("MESSAGE"),
        event("MESSAGE", body=None),
        event("MESSAGE", body="not base64!", isBase64Encoded=True),
        event("RECONNECT"),
        event(None),
        {"requestContext": {"connectionId": CONNECTION_ID, "eventType": "MESSAGE", "identity": None}},
    ],
)
def test_odd_event_has_the_gateway_send_nothing(odd: dict[str, Any]) -> None:
    assert handled(odd)[0] == {"statusCode": 200}


@pytest.mark.parametrize("kind", ["CONNECT", "MESSAGE", "DISCONNECT"])
def test_failure_is_logged_and_has_the_gateway_send_nothing(
    kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    handler = SocketHandler(Keeping(RuntimeError("a bug")), ("*",))
    given = event(kind, body="{}", headers={"Sec-WebSocket-Protocol": PROTOCOL})
    assert handler(given)["statusCode"] == 200
    assert "a bug" in caplog.text


def in_one_thread(work: Callable[[], None]) -> None:
    failures: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert failures == []


def test_sockets_and_http_share_a_thread_and_its_loop() -> None:
    """Mangum takes the thread's loop: one `asyncio.run` before it leaves none, and every answer would be a 500."""
    transport = Keeping()
    sockets = SocketHandler(transport, ("*",))
    http = HttpHandler(sample_application())

    def work() -> None:
        for _ in range(3):
            assert sockets(event("MESSAGE", body="{}"))["statusCode"] == 200
            assert http(http_event("GET", "/health"))["statusCode"] == 200
            assert http(http_event(body={"query": "{ city }"}, headers=JSON))["statusCode"] == 200

    in_one_thread(work)
    assert len(transport.loops) == 1


def test_importing_the_handler_loads_nothing_heavy() -> None:
    program = "import sys, handlers.websocket; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not HEAVY & set(loaded.stdout.split())


def said_to(application: runtime.Application, *messages: str) -> list[str]:
    connections = application.adapters.connections
    assert isinstance(connections, ScriptedConnections)
    connections.open(CONNECTION_ID)
    handler = SocketHandler(application.realtime.transport, ("*",))
    for message in messages:
        assert handler(event("MESSAGE", body=message))["statusCode"] == 200
    return connections.sent[CONNECTION_ID]


def test_client_that_is_refused_is_acknowledged_and_never_closed() -> None:
    """The gateway closes with 1000, upon which graphql-ws reconnects at once, for ever."""
    application = sample_application()
    acknowledged, refused = said_to(
        application,
        '{"type":"connection_init","payload":{"authorization":"Bearer forged"}}',
        '{"id":"1","type":"subscribe","payload":{"query":"{ city }"}}',
    )
    assert acknowledged == '{"type":"connection_ack"}'
    assert '"UNAUTHENTICATED"' in refused
    connections = application.adapters.connections
    assert isinstance(connections, ScriptedConnections)
    assert connections.closed == []


@pytest.mark.parametrize("message", ["", "{", "[]", '{"type":"hello"}', "\ufffd", "1" * 200_000])
def test_what_is_no_message_is_objected_to(message: str) -> None:
    application = sample_application()
    (said,) = said_to(application, message)
    assert '"violation"' in said
