"""What every adapter of `Http` does: the one on sockets, against real servers with certificates, and the scripted one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Protocol

import pytest

from colonnade.errors import OutboundForbidden, OutboundUnreachable
from colonnade.outbound import Http, OutboundRequest, OutboundResponse
from colonnade.testing import ScriptedHttp
from infra.http.adapter import SocketHttp
from tests.infra.http.strangers import Stranger, asking, ok, saying, stranger

URL = "https://hook.example/path"
FORBIDDEN = [
    "http://hook.example/",
    "https://127.0.0.1/",
    "https://u:p@hook.example/",
    "https://hook.example:22/",
]


class World(Protocol):
    def serving(self, answer: OutboundResponse) -> Http:
        """An adapter for which `URL` gives this answer, and nothing else is there."""
        ...


class Scripted:
    def serving(self, answer: OutboundResponse) -> Http:
        http = ScriptedHttp()
        http.serve(URL, lambda _: answer)
        return http


class Sockets:
    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack

    def serving(self, answer: OutboundResponse) -> Http:
        headers = "".join(f"{name}: {value}\r\n" for name, value in answer.headers.items())
        said = saying(ok(answer.body, headers, f"{answer.status} Said"))
        server: Stranger = self._stack.enter_context(stranger(said))
        http = SocketHttp(asking({"hook.example": server}), threads=2)
        self._stack.callback(http.shut_down)
        return http


@pytest.fixture(params=["scripted", "sockets"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    with ExitStack() as stack:
        yield Scripted() if request.param == "scripted" else Sockets(stack)


def ask(http: Http, url: str = URL, method: str = "POST", max_bytes: int = 1_000) -> OutboundResponse:
    request = OutboundRequest(method, url, body=b"{}" if method == "POST" else b"", max_bytes=max_bytes)
    return asyncio.run(http.send(request))


@pytest.mark.parametrize("status", [200, 302, 404, 410, 500])
def test_answer_is_returned_whatever_its_status(world: World, status: int) -> None:
    answer = ask(world.serving(OutboundResponse(status, {"x-what": "this", "location": "/x"}, b"body")))
    assert (answer.status, answer.headers["x-what"], answer.body) == (status, "this", b"body")


def test_answer_that_is_too_long_is_unreachable(world: World) -> None:
    http = world.serving(OutboundResponse(200, {}, bytes(1_001)))
    with pytest.raises(OutboundUnreachable) as caught:
        ask(http)
    assert caught.value.cause == "size"


def test_answer_as_long_as_allowed_is_returned(world: World) -> None:
    assert len(ask(world.serving(OutboundResponse(200, {}, bytes(1_000)))).body) == 1_000


def test_server_that_is_not_there_is_unreachable_and_may_be_tried_again(world: World) -> None:
    with pytest.raises(OutboundUnreachable) as caught:
        ask(world.serving(OutboundResponse(200)), "https://nowhere.example/")
    assert caught.value.retryable


@pytest.mark.parametrize("url", FORBIDDEN)
def test_what_may_not_be_asked_is_refused_before_and_when_it_is(world: World, url: str) -> None:
    http = world.serving(OutboundResponse(200))
    with pytest.raises(OutboundForbidden) as caught:
        ask(http, url)
    assert not caught.value.retryable
    with pytest.raises(OutboundForbidden):
        http.check(url)


def test_what_may_be_asked_passes_the_check(world: World) -> None:
    world.serving(OutboundResponse(200)).check(URL)
