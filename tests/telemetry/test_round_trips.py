"""The round trips that a line tells of are those that a server saw, repetitions included."""

from __future__ import annotations

from colonnade.store import Item, Key, Put, Writes
from colonnade.telemetry.measures import NO_MEASURES
from colonnade.telemetry.recording import Telemetry
from tests.infra.dynamodb.scripted_server import THROTTLES, answer, error, scripted

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
