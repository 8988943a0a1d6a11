"""What the management API's answers mean, on a stub: moto never says Gone, and nothing local throttles by rate."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from colonnade.connections import LARGEST_MESSAGE
from colonnade.errors import (
    ConfigurationError,
    ConnectionGone,
    ConnectionThrottled,
    ConnectionUnavailable,
    MessageTooLarge,
)
from infra.connections import ConnectionSettings, GatewayConnections, NoConnections, connections_at

ID = "L0SM9cOFvHcCIhw="
Reply = Callable[[BaseHTTPRequestHandler], None]


class Stub:
    """An HTTP server that answers every request as it is told, and keeps what it got."""

    def __init__(self, reply: Reply) -> None:
        self.requests: list[tuple[str, str, bytes]] = []
        self.authorizations: list[str] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                stub.requests.append((self.command, self.path, body))
                stub.authorizations.append(self.headers.get("authorization", ""))
                reply(self)

            do_POST = do_DELETE = _answer

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/production"


@contextmanager
def stub(reply: Reply, **settings: Any) -> Iterator[tuple[Stub, GatewayConnections]]:
    made = Stub(reply)
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    asked = ConnectionSettings(made.url, access_key="local", secret_key="local", read_timeout=20, deadline=20)
    connections = GatewayConnections(replace(asked, **settings))
    try:
        yield made, connections
    finally:
        connections.shut_down()
        made.server.shutdown()
        thread.join()
        made.server.server_close()


def status(code: int, error: str = "", body: bytes = b"{}") -> Reply:
    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        if error:
            request.send_header("x-amzn-ErrorType", error)
        request.send_header("content-length", "0" if code == 204 else str(len(body)))
        request.end_headers()
        if code != 204:
            request.wfile.write(body)

    return reply


async def test_message_is_posted_once_under_the_stage_and_signed() -> None:
    with stub(status(200, body=b"")) as (gateway, connections):
        await connections.post(ID, "näxt")
    assert gateway.requests == [("POST", "/production/@connections/L0SM9cOFvHcCIhw%3D", "näxt".encode())]
    assert gateway.authorizations[0].startswith("AWS4-HMAC-SHA256 ")


@pytest.mark.parametrize(
    ("code", "error", "raised"),
    [
        (410, "GoneException", ConnectionGone),
        (410, "", ConnectionGone),
        (400, "BadRequestException", ConnectionGone),
        (429, "LimitExceededException", ConnectionThrottled),
        (429, "TooManyRequestsException", ConnectionThrottled),
        (413, "PayloadTooLargeException", MessageTooLarge),
        (403, "ForbiddenException", ConfigurationError),
        (404, "NotFoundException", ConfigurationError),
        (500, "InternalServerError", ConnectionUnavailable),
        (503, "", ConnectionUnavailable),
        (302, "", ConnectionUnavailable),
    ],
)
async def test_answer_is_typed_and_never_asked_for_twice(
    code: int, error: str, raised: type[Exception]
) -> None:
    with stub(status(code, error)) as (gateway, connections):
        with pytest.raises(raised):
            await connections.post(ID, "{}")
        assert len(gateway.requests) == 1


@pytest.mark.parametrize("body", [b"<html>", b"\xff\xfe", b"{"])
async def test_errors_with_rubbish_in_them_are_read_by_their_status(body: bytes) -> None:
    with (
        stub(status(410, body=body)) as (_, connections),
        pytest.raises((ConnectionGone, ConnectionUnavailable)),
    ):
        await connections.post(ID, "{}")


def rubbish(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
    request.close_connection = True


def hang_up(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


@pytest.mark.parametrize("reply", [rubbish, hang_up])
async def test_no_answer_leaves_open_whether_it_was_sent(reply: Reply) -> None:
    with stub(reply) as (gateway, connections):
        with pytest.raises(ConnectionUnavailable):
            await connections.post(ID, "{}")
        assert len(gateway.requests) == 1


def silent(until: threading.Event) -> Reply:
    def reply(request: BaseHTTPRequestHandler) -> None:
        until.wait(20)

    return reply


async def test_silence_is_given_up_on() -> None:
    released = threading.Event()
    with stub(silent(released), read_timeout=0.05) as (_, connections):
        with pytest.raises(ConnectionUnavailable, match="ReadTimeout"):
            await connections.post(ID, "{}")
        released.set()


async def test_wait_for_a_thread_is_bounded_too() -> None:
    released = threading.Event()
    with stub(silent(released), threads=1, deadline=0.05) as (_, connections):
        sent = [connections.post(ID, "{}") for _ in range(3)]
        results = await asyncio.gather(*sent, return_exceptions=True)
        released.set()
    assert [type(result) for result in results] == [ConnectionUnavailable] * 3


async def test_nothing_listens_there() -> None:
    with stub(status(200)) as (gateway, _):
        pass
    connections = GatewayConnections(ConnectionSettings(gateway.url, access_key="a", secret_key="b"))
    with pytest.raises(ConnectionUnavailable):
        await connections.post(ID, "{}")
    connections.shut_down()


async def test_too_large_a_message_goes_nowhere() -> None:
    with stub(status(200)) as (gateway, connections):
        with pytest.raises(MessageTooLarge, match="select fewer fields"):
            await connections.post(ID, "é" * (LARGEST_MESSAGE // 2 + 1))
        await connections.post(ID, "é" * (LARGEST_MESSAGE // 2))
        assert len(gateway.requests) == 1


async def test_closing_what_is_gone_is_no_error() -> None:
    with stub(status(410, "GoneException")) as (gateway, connections):
        await connections.close(ID)
        assert gateway.requests[0][0] == "DELETE"


async def test_closing_may_fail_otherwise() -> None:
    with stub(status(429, "LimitExceededException")) as (_, connections), pytest.raises(ConnectionThrottled):
        await connections.close(ID)


async def test_empty_id_reaches_nobody() -> None:
    with stub(status(200)) as (gateway, connections):
        with pytest.raises(ConnectionGone):
            await connections.post("", "{}")
        assert gateway.requests == []


async def test_gateway_on_this_machine_takes_any_keys() -> None:
    with stub(status(200, body=b"")) as (gateway, _):
        connections = connections_at(gateway.url, "eu-west-1")
        assert isinstance(connections, GatewayConnections)
        await connections.post(ID, "{}")
        connections.shut_down()
    assert "/eu-west-1/execute-api/" in gateway.authorizations[0]


async def test_where_no_gateway_is_named_the_variable_is() -> None:
    connections = connections_at(None, "us-east-1")
    assert isinstance(connections, NoConnections)
    with pytest.raises(ConfigurationError, match="COLONNADE_WEBSOCKET_ENDPOINT"):
        await connections.post(ID, "{}")
    with pytest.raises(ConfigurationError, match="COLONNADE_WEBSOCKET_ENDPOINT"):
        await connections.close(ID)
