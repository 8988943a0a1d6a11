"""A database that is gone, hangs or talks rubbish is a typed error in bounded time, and never "no such item"."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from colonnade.conditions import absent
from colonnade.errors import StoreUnavailable
from colonnade.store import Item, Key, Put, Query, Update, Writes
from colonnade.testing.clock import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.infra.dynamodb.scripted_server import Answer, ScriptedServer, Silence, answer, error

KEY, OTHER = Key("p", "a"), Key("p", "b")
DEADLINE = 1.0
SLACK = 2.0
"""Seconds that a busy machine may add."""

CALLS: dict[str, Callable[[DynamoDBStore], Awaitable[object]]] = {
    "get": lambda store: store.get(KEY),
    "batch_get": lambda store: store.batch_get([KEY, OTHER]),
    "query": lambda store: store.query(Query("p")),
    "transact one": lambda store: store.transact(Writes([Put(Item(KEY, {}), absent())])),
    "transact several": lambda store: store.transact(
        Writes([Put(Item(KEY, {})), Update(OTHER, add={"n": 1})])
    ),
    "increment": lambda store: store.increment(KEY, "n"),
}
RUBBISH = {
    "a web page": Answer(200, b"<html>Welcome to this hotel</html>"),
    "nothing": Answer(200, b""),
    "a list": Answer(200, b"[]"),
    "half an answer": Answer(200, b'{"Items": [{"_pk": {"S": "p'),
    "less than announced": Answer(200, b'{"Items": [', length=5_000),
    "a wrong checksum": Answer(200, b'{"Items": [], "Responses": {}}', {"x-amz-crc32": "12345"}),
    "not HTTP at all": Answer(200, b"\x00" * 40, {"Content-Encoding": "gzip"}),
    "a proxy's error": Answer(502, b"<html>bad gateway</html>"),
    "an unknown error": error("WhoKnowsException"),
}


@pytest.fixture(params=CALLS)
def call(request: pytest.FixtureRequest) -> Callable[[DynamoDBStore], Awaitable[object]]:
    return CALLS[request.param]


@contextmanager
def hanging_server() -> Iterator[str]:
    """Accepts every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def store_at(url: str, connections: int = 4) -> Iterator[DynamoDBStore]:
    settings = replace(
        DynamoDBSettings.local(url, "table"),
        connect_timeout=0.3,
        read_timeout=0.3,
        deadline=DEADLINE,
        attempts=4,
        connections=connections,
    )
    store = DynamoDBStore(settings, FrozenClock())
    store.client  # noqa: B018 - what it takes to make the client is not part of what is timed
    yield store
    store.close()


async def seconds_until_unavailable(
    call: Callable[[DynamoDBStore], Awaitable[object]], store: DynamoDBStore
) -> float:
    started = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await call(store)
    return time.monotonic() - started


async def test_a_refused_connection(call: Callable[[DynamoDBStore], Awaitable[object]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with store_at(f"http://127.0.0.1:{port}") as store, pytest.raises(StoreUnavailable) as failure:
        await call(store)
    assert "unknown" not in str(failure.value)


async def test_a_database_that_accepts_and_never_answers(
    call: Callable[[DynamoDBStore], Awaitable[object]],
) -> None:
    with hanging_server() as url, store_at(url) as store:
        assert await seconds_until_unavailable(call, store) < DEADLINE + SLACK


async def test_a_database_that_dribbles_its_answer(
    call: Callable[[DynamoDBStore], Awaitable[object]],
) -> None:
    slow = replace(answer(Items=[], Responses={}), pace=0.1)
    with ScriptedServer(*[slow] * 4) as server, store_at(server.url) as store:
        assert await seconds_until_unavailable(call, store) < DEADLINE + SLACK


@pytest.mark.parametrize("rubbish", RUBBISH)
async def test_a_database_that_talks_rubbish(
    call: Callable[[DynamoDBStore], Awaitable[object]], rubbish: str
) -> None:
    with ScriptedServer(*[RUBBISH[rubbish]] * 4) as server, store_at(server.url) as store:
        assert await seconds_until_unavailable(call, store) < DEADLINE + SLACK
        assert 1 <= len(server.requests) <= 4


@pytest.mark.parametrize("name", ["batch_get", "query", "increment"])
async def test_an_answer_that_lacks_what_it_must_hold(name: str) -> None:
    with ScriptedServer(*[answer()] * 4) as server, store_at(server.url) as store:
        await seconds_until_unavailable(CALLS[name], store)


async def test_a_pool_that_hangs_keeps_nobody_waiting_beyond_the_deadline() -> None:
    with hanging_server() as url, store_at(url, connections=1) as store:
        waits = await asyncio.gather(*(seconds_until_unavailable(CALLS["get"], store) for _ in range(8)))
    assert max(waits) < DEADLINE + SLACK


async def test_a_caller_who_gives_up_leaves_the_store_working() -> None:
    row = {"_pk": {"S": "p"}, "_sk": {"S": "a"}}
    with ScriptedServer(Silence(0.3), answer(Item=row)) as server, store_at(server.url) as store:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await store.get(KEY)
        await asyncio.sleep(0.4)
        assert await store.get(KEY) == Item(KEY, {})
