"""The round trips that a line tells of are those that a server saw, repetitions included."""

from __future__ import annotations

import socket
from contextlib import suppress

import pytest

from colonnade.errors import OutboundForbidden, OutboundUnreachable
from colonnade.outbound import OutboundRequest
from colonnade.store import Item, Key, Put, Writes
from colonnade.telemetry.measures import NO_MEASURES
from colonnade.telemetry.recording import Telemetry
from infra.http.adapter import SocketHttp
from tests.infra.dynamodb.scripted_server import THROTTLES, answer, error, scripted
from tests.infra.http.strangers import URL, asking, ok, stranger

KEY = Key("p", "a")
ROW = {"_pk": {"S": "p"}, "_sk": {"S": "a"}, "n": {"N": "1"}}


async def test_each_request_to_the_table_is_told_of_those_tried_again_too() -> None:
    throttled = error(THROTTLES[0])
    left = {"table": {"Keys": [{"_pk": {"S": "p"}, "_sk": {"S": "a"}}]}}
    answers = (
        throttled,
        throttled,
        answer(Item=ROW),
        answer(Responses={"table": []}, UnprocessedKeys=left),
        answer(Responses={"table": [ROW]}, UnprocessedKeys={}),
        answer(),
    )
    with scripted(*answers) as (server, store), Telemetry(NO_MEASURES).recording("http") as record:
        await store.get(KEY)
        await store.batch_get([KEY])
        await store.transact(Writes([Put(Item(Key("p", "b"), {}))]))
    assert len(server.requests) == len(answers)
    assert record.fields()["roundTrips"] == {"store": len(server.requests)}


@pytest.mark.parametrize(
    ("redirects", "hops"), [(0, 1), (3, 3), (1, 2)], ids=["none", "followed", "too many"]
)
async def test_each_request_that_a_redirect_leads_to_is_told_of(redirects: int, hops: int) -> None:
    def behave(connection: socket.socket, head: bytes) -> None:
        led_on = ok(b"", "location: /2\r\n", "302 Found")
        connection.sendall(ok(b"here") if b"GET /2 " in head and len(server.heads) == 3 else led_on)

    with stranger(behave) as server:
        http = SocketHttp(asking({"hook.example": server}), threads=1)
        with Telemetry(NO_MEASURES).recording("http") as record, suppress(OutboundUnreachable):
            await http.send(OutboundRequest("GET", URL, redirects=redirects))
        http.shut_down()
    assert len(server.heads) == hops
    assert record.fields()["roundTrips"] == {"http": hops}


async def test_what_is_refused_before_a_stranger_is_asked_is_no_round_trip() -> None:
    http = SocketHttp(asking({}), threads=1)
    with Telemetry(NO_MEASURES).recording("http") as record, pytest.raises(OutboundForbidden):
        await http.send(OutboundRequest("GET", "http://hook.example/"))
    http.shut_down()
    assert "roundTrips" not in record.fields()
