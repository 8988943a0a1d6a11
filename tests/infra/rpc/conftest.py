from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Protocol

import pytest

from colonnade.chains import BASE
from infra.rpc import ChainSettings, JsonRpcChains, RequestStats
from tests.infra.rpc.http_server import ScriptedServer, server_of
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
