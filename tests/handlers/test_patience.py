"""Adapters give up before a field's time is up, so that a client learns what did not answer, and soon."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from colonnade.chains import BASE
from colonnade.clock import SystemClock
from colonnade.composer import DEFAULT_BUDGET
from colonnade.ids import UlidIds
from colonnade.testing import MemoryStore
from handlers.first_query import FIRST_QUERY
from handlers.http import HttpHandler
from handlers.runtime import Adapters, build
from infra.dynamodb import DynamoDBSettings
from infra.rpc import ChainSettings, JsonRpcChains
from tests.handlers.sample import ENVIRON, event, local_queues
from tests.infra.rpc.http_server import Exchange, ScriptedServer, serving
from tests.infra.rpc.tiny_node import TinyNode


@pytest.mark.parametrize(
    "deadline",
    [
        pytest.param(DynamoDBSettings("table").deadline, id="DynamoDB"),
        pytest.param(ChainSettings(BASE, ("https://node.example",)).deadline_seconds, id="chains"),
    ],
)
def test_an_adapter_gives_up_well_before_a_field_does(deadline: float) -> None:
    assert deadline <= DEFAULT_BUDGET - 0.5


def hang(exchange: Exchange) -> None:
    exchange.hang()


def drip(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b" " * 100_000)


def rubbish(exchange: Exchange) -> None:
    exchange.reply_bytes(b"<html>It works!</html>")


@pytest.mark.parametrize(
    "behaviour",
    [
        pytest.param(hang, id="hangs"),
        pytest.param(drip, id="drips"),
        pytest.param(rubbish, id="answers rubbish"),
        pytest.param(serving(TinyNode(chain_id=1)), id="serves another chain"),
    ],
)
def test_a_bad_endpoint_is_a_typed_error_in_bounded_time_and_leaves_the_rest(
    behaviour: Callable[[Exchange], None],
) -> None:
    server = ScriptedServer(behaviour)
    clock = SystemClock()
    chains = JsonRpcChains([ChainSettings(BASE, (server.url,))])
    handler = HttpHandler(
        build(ENVIRON, adapters=Adapters(MemoryStore(clock), chains, clock, UlidIds(clock), local_queues()))
    )
    query = FIRST_QUERY.replace("{", "{ platform { version }", 1)
    started = time.monotonic()
    result = handler(event(body={"query": query}, headers={"content-type": "application/json"}))
    took = time.monotonic() - started
    chains.close()
    server.close()

    answer = json.loads(result["body"])
    assert answer["data"]["swapPrice"] is None
    assert answer["data"]["platform"]["version"]
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "CHAIN_UNAVAILABLE"
    assert error["extensions"]["plugin"] == "trading"
    assert took < 2 * DEFAULT_BUDGET, "and the code says that it was not the field's budget that ended it"
