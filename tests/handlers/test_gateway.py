"""The local gateway makes events as API Gateway does, and gives its clients what the handler returned."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from handlers.events import request_of
from handlers.gateway import LARGEST_BODY, Gateway, Handler

OK: Mapping[str, Any] = {"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": "fine"}


def scope(
    method: str = "GET", path: str = "/", query: bytes = b"", headers: Sequence[tuple[bytes, bytes]] = ()
) -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query,
        "headers": list(headers),
        "client": ("127.0.0.1", 5_000),
        "http_version": "1.1",
    }


async def send_through(
    handler: Handler, asked: dict[str, Any], *chunks: bytes
) -> tuple[dict[str, Any], bytes]:
    waiting = [{"type": "http.request", "body": c, "more_body": True} for c in chunks]
    waiting.append({"type": "http.request", "body": b"", "more_body": False})
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    gateway = Gateway(handler, threads=2)
    try:
        await gateway(asked, receive, send)
    finally:
        gateway.close()
    start, body = sent
    return start, body["body"]


async def event_for(asked: dict[str, Any], *chunks: bytes) -> dict[str, Any]:
    seen: list[Any] = []

    def handler(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        seen.append(event)
        return OK

    await send_through(handler, asked, *chunks)
    return dict(seen[0])


async def test_header_fields_are_joined_and_cookies_kept_apart() -> None:
    headers = [(b"Accept", b"a/b"), (b"accept", b"c/d"), (b"cookie", b"x=1; y=2"), (b"cookie", b"z=3")]
    event = await event_for(scope(headers=headers))
    assert event["headers"] == {"accept": "a/b,c/d"}
    assert event["cookies"] == ["x=1", "y=2", "z=3"]
    assert request_of(event).headers["cookie"] == "x=1; y=2; z=3"


async def test_text_goes_as_text_and_bytes_as_base64() -> None:
    text = await event_for(scope("POST"), '{"é"'.encode(), b": 1}")
    assert (text["body"], text["isBase64Encoded"]) == ('{"é": 1}', False)
    binary = await event_for(scope("POST"), b"\xff\x00")
    assert (binary["body"], binary["isBase64Encoded"]) == (base64.b64encode(b"\xff\x00").decode(), True)
    assert request_of(binary).body == b"\xff\x00"


async def test_path_and_query_survive_the_way() -> None:
    event = await event_for(scope(path="/a b/é%", query=b"query=%7Ba%7D+b&x=%zz\xff&y={}"))
    assert request_of(event).path == "/a b/é%"
    assert event["rawQueryString"] == "query=%7Ba%7D+b&x=%zz%FF&y={}"


async def test_each_request_has_an_id_of_its_own() -> None:
    first, second = await event_for(scope()), await event_for(scope())
    assert first["requestContext"]["requestId"] != second["requestContext"]["requestId"]


async def test_result_becomes_a_response_with_its_cookies_and_bytes() -> None:
    result = {
        "statusCode": 201,
        "headers": {"Content-Type": "image/png", "content-length": "999"},
        "cookies": ["a=1", "b=2"],
        "body": base64.b64encode(b"\x89PNG").decode(),
        "isBase64Encoded": True,
    }
    start, body = await send_through(lambda event, context: result, scope())
    assert start["status"] == 201
    assert body == b"\x89PNG"
    assert start["headers"] == [
        (b"content-type", b"image/png"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
        (b"content-length", b"4"),
    ]


async def test_handler_that_raises_is_a_500_as_on_aws(caplog: pytest.LogCaptureFixture) -> None:
    def handler(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        raise RuntimeError("hunter2")

    start, body = await send_through(handler, scope())
    assert start["status"] == 500
    assert body == b'{"message":"Internal Server Error"}'
    assert "hunter2" in caplog.text


async def test_body_that_api_gateway_would_not_carry_never_reaches_the_handler() -> None:
    def handler(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        raise AssertionError("it reached the handler")

    half = b"x" * (LARGEST_BODY // 2 + 1)
    start, _ = await send_through(handler, scope("POST"), half, half)
    assert start["status"] == 413


async def test_requests_are_handled_at_once_in_threads_of_their_own() -> None:
    both = threading.Barrier(2, timeout=10)
    threads: set[str] = set()

    def handler(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        both.wait()
        threads.add(threading.current_thread().name)
        return OK

    gateway = Gateway(handler, threads=2)

    async def ask() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            pass

        await gateway(scope(), receive, send)

    await asyncio.gather(ask(), ask())
    gateway.close()
    assert len(threads) == 2


async def test_a_request_that_ends_half_said_is_not_carried() -> None:
    """A process that is killed while it posts to a client leaves half a message."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": b'{"half', "more_body": True},
        {"type": "http.disconnect"},
    ]
    carried: list[Any] = []

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: Any) -> None:
        carried.append(message)

    def handler(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
        carried.append(event)
        return OK

    gateway = Gateway(handler)
    await gateway(scope("POST", "/graphql"), receive, send)
    gateway.close()
    assert carried == []
