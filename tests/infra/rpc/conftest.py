from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, Protocol

import pytest

from colonnade.chains import BASE
from infra.rpc import ChainSettings, JsonRpcChains, RequestStats
from infra.rpc.target import Target
from infra.rpc.transport import HttpAnswer, HttpTransport
from tests.infra.rpc.http_server import Behaviour, ScriptedServer, server_of
from tests.infra.rpc.posting import LIMIT, Post
from tests.infra.rpc.tiny_node import TinyNode


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Connect(Protocol):
    def __call__(self, *urls: str, **settings: Any) -> JsonRpcChains: ...


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def node() -> TinyNode:
    return TinyNode()


@pytest.fixture
def server(node: TinyNode, serve: Callable[[TinyNode], ScriptedServer]) -> ScriptedServer:
    """A server in front of `node`."""
    return serve(node)


@pytest.fixture
def serve() -> Iterator[Callable[[TinyNode], ScriptedServer]]:
    """Puts a server in front of a node."""
    with ExitStack() as servers:
        yield lambda node: servers.enter_context(server_of(node))


@pytest.fixture
def stats() -> list[RequestStats]:
    """Every HTTP request made by what `connect` gives."""
    return []


@pytest.fixture
def connect(clock: Clock, stats: list[RequestStats]) -> Iterator[Connect]:
    """The adapter for Base at some URLs, with settings."""
    opened: list[JsonRpcChains] = []

    def connect(*urls: str, **settings: Any) -> JsonRpcChains:
        chains = JsonRpcChains([ChainSettings(BASE, urls, **settings)], on_request=stats.append, clock=clock)
        opened.append(chains)
        return chains

    yield connect
    for chains in opened:
        chains.close()


@pytest.fixture
def bad(serve: Callable[[TinyNode], ScriptedServer]) -> ScriptedServer:
    """An endpoint to be asked first; it misbehaves as the test says."""
    return serve(TinyNode())


@pytest.fixture
def good(server: ScriptedServer) -> ScriptedServer:
    return server


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
def transport(server: ScriptedServer, threads: ThreadPoolExecutor) -> Iterator[HttpTransport]:
    server.otherwise = lambda exchange: exchange.reply_bytes(exchange.body)
    target = Target.parse(server.url + "/the/path?key=value", what="it")
    transport = HttpTransport(target, threads, connect_seconds=1, response_bytes=LIMIT)
    yield transport
    transport.close()


@pytest.fixture
def post(server: ScriptedServer, transport: HttpTransport) -> Post:
    """Posts once while the server behaves like this."""

    async def post(*behaviours: Behaviour, seconds: float = 5.0) -> HttpAnswer:
        server.behaviours = list(behaviours)
        return await transport.post(b"body", seconds)

    return post
