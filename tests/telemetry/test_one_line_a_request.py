"""Each request leaves one line, whichever way it came in, and nothing of it holds a value that a stranger chose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from standardwebhooks import Webhook

from colonnade.outbox import recorded
from colonnade.server.persisted import digest_of
from colonnade.store import Put, Writes
from handlers import runtime
from handlers.deliver import DeliverHandler
from handlers.http import HttpHandler
from handlers.jobs import TICK, JobsHandler
from handlers.stream import StreamHandler
from handlers.websocket import SocketHandler
from infra.dynamodb.items import marshal_item
from tests.events.rows import BellRung
from tests.handlers.sample import event
from tests.handlers.test_queue_handlers import queue_event
from tests.handlers.test_websocket import CONNECTION_ID, connect
from tests.handlers.test_websocket import event as socket_event
from tests.inbound.doorbell import NEW
from tests.telemetry.every_way import CANARY, PATH, Scene, scene

SAID = "query Said($words: String!) { said(words: $words) }"
JSON = {"content-type": "application/json"}


@pytest.fixture
def told() -> Iterator[Scene]:
    with scene() as made:
        yield made


def ask(told: Scene, body: object, **headers: str) -> dict[str, Any]:
    return HttpHandler(told.application)(event(body=body, headers={**JSON, **headers}))


def say(told: Scene, **message: object) -> None:
    handler = SocketHandler(told.application.realtime.transport, ["*"])
    handler(socket_event("MESSAGE", body=json.dumps(message)))


def test_a_query_says_what_it_was_and_what_it_took(told: Scene) -> None:
    body = json.dumps({"query": SAID, "variables": {"words": "hello"}})
    answer = ask(told, body, authorization="Bearer key-1")
    line = told.line()
    assert line["milliseconds"] >= line["pluginMilliseconds"]["scene"] > 0
    assert line["cpuMilliseconds"] > 0
    assert {name: line.get(name) for name in line if not name.lower().endswith("milliseconds")} == {
        "time": line["time"],
        "level": "INFO",
        "logger": "colonnade.telemetry.recording",
        "message": "request",
        "requestId": answer["headers"]["x-request-id"],
        "way": "http",
        "operation": "Said",
        "kind": "query",
        "document": digest_of(SAID)[:16],
        "cost": json.loads(answer["body"])["extensions"]["cost"]["requested"],
        "principal": "api_key",
        "status": 200,
        "roundTrips": {"store": 1},
        "bytesIn": len(body),
        "bytesOut": len(answer["body"]),
        **({"cold": True} if line.get("cold") else {}),
    }


@pytest.mark.parametrize(
    ("credentials", "kind"), [("", None), ("Bearer user-1", "session"), ("Bearer key-1", "api_key")]
)
def test_the_kind_of_client_is_said_and_never_who_it_is(
    credentials: str, kind: str | None, told: Scene
) -> None:
    ask(told, {"query": '{ said(words: "x") }'}, **({"authorization": credentials} if credentials else {}))
    assert told.line()["principal"] == (kind or "nobody")


def test_the_use_of_a_deprecated_field_is_said_and_counted_by_its_coordinate(told: Scene) -> None:
    ask(told, {"query": "{ whispered }"})
    assert told.line()["deprecated"] == ["Query.whispered"]
    assert '"coordinate":"Query.whispered"' in told.told()


def test_an_error_is_said_by_its_code(told: Scene) -> None:
    ask(told, {"query": '{ refused(words: "x") }'})
    line = told.line()
    assert (line["codes"], line["status"]) == (["BAD_REQUEST"], 200)


def test_a_batch_is_a_line_for_each_operation_and_one_for_the_whole(told: Scene) -> None:
    ask(told, [{"query": "query A { __typename }"}, {"query": "query B { __typename }"}])
    assert [(line["kind"], line.get("operation")) for line in told.lines()] == [
        ("query", "A"),
        ("query", "B"),
        ("batch", None),
    ]


def test_a_route_is_named_by_its_path(told: Scene) -> None:
    HttpHandler(told.application)(event(path=PATH, body="hello"))
    line = told.line()
    assert (line["way"], line["operation"], line["status"]) == ("route", PATH, 200)
    assert (line["bytesIn"], line["bytesOut"]) == (5, 5)
    assert "scene" in line["pluginMilliseconds"]


def test_a_strangers_webhook_is_a_way_of_its_own(told: Scene) -> None:
    ask_webhook(told, json.dumps({"door": "front"}))
    line = told.line()
    assert (line["way"], line["operation"], line["status"]) == ("inbound", "/hooks/doorbell", 204)


def ask_webhook(told: Scene, body: str) -> None:
    at = told.application.adapters.clock.now()
    headers = {
        "webhook-id": f"msg_{CANARY}",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(NEW).sign(f"msg_{CANARY}", at, body),
        "x-house": CANARY,
    }
    HttpHandler(told.application)(event(path="/hooks/doorbell", body=body, headers=headers))


def test_each_message_of_a_socket_is_a_line(told: Scene) -> None:
    told.sockets.open(CONNECTION_ID)
    handler = SocketHandler(told.application.realtime.transport, ["*"])
    handler(connect({"sec-websocket-protocol": "graphql-transport-ws"}))
    say(told, type="connection_init", payload={"authorization": "Bearer user-1"})
    say(told, type="subscribe", id="1", payload={"query": SAID, "variables": {"words": "hello"}})
    say(told, type="nonsense")
    handler(socket_event("DISCONNECT"))
    opened, begun, asked, wrong, closed = told.lines()
    assert {line["way"] for line in told.lines()} == {"socket"}
    assert [line["kind"] for line in (opened, begun, asked, closed)] == [
        "connect",
        "connection_init",
        "query",
        "disconnect",
    ]
    assert (asked["operation"], asked["document"], asked["principal"]) == (
        "Said",
        digest_of(SAID)[:16],
        "session",
    )
    assert asked["roundTrips"] == {"store": 1}
    assert asked["bytesOut"] > len('"hello"')
    assert wrong["codes"] == ["4400"]


def test_batches_say_how_many_they_hold_and_how_many_come_again(told: Scene) -> None:
    StreamHandler(told.application)(json_of(stream_of(told)))
    DeliverHandler(
        told.application.deliver,
        told.application.adapters.queues.deliveries,
        told.application.relay.handling.dead,
        told.application.telemetry,
    )(queue_event("no delivery"))
    stream, deliver = told.lines()
    assert (stream["way"], stream["items"], stream["failed"]) == ("stream", 2, 0)
    assert "scene" in stream["pluginMilliseconds"]
    assert (deliver["way"], deliver["items"], deliver["failed"]) == ("deliver", 1, 1)


def stream_of(told: Scene) -> dict[str, Any]:
    """The records of two events, which are recorded."""
    ports = told.application.adapters
    rows = [
        recorded(BellRung(bell=CANARY, stroke=stroke), ports.ids.new("evt"), ports.clock.now())
        for stroke in (1, 2)
    ]
    runtime.run(ports.store.transact(Writes(rows)))
    return {"Records": [bell_record(row, str(number)) for number, row in enumerate(rows)]}


def bell_record(row: Put, number: str) -> dict[str, Any]:
    image = marshal_item(row.item)
    keys = {name: image[name] for name in ("_pk", "_sk")}
    inner = {"Keys": keys, "NewImage": image, "SequenceNumber": number}
    return {"eventID": number, "eventName": "INSERT", "dynamodb": inner}


def json_of(given: dict[str, Any]) -> dict[str, Any]:
    """As Lambda brings it."""
    read: dict[str, Any] = json.loads(json.dumps(given))
    return read


def test_the_minute_and_a_job_of_the_queue_are_lines(told: Scene) -> None:
    jobs = JobsHandler(told.application)
    jobs(TICK)
    jobs(queue_event({"job": "scene.toil"}, {"job": "scene.toil", "arguments": {"fails": CANARY}}))
    jobs({"job": CANARY})
    tick, well, badly, unknown = told.lines()
    assert tick["way"] == "tick"
    assert (well["way"], well["operation"], "codes" in well) == ("job", "scene.toil", False)
    assert (badly["operation"], badly["codes"]) == ("scene.toil", ["BAD_REQUEST"])
    assert ("operation" in unknown, unknown["codes"]) == (False, ["INTERNAL"])


def test_no_value_of_a_request_is_told_whichever_way_it_came(told: Scene) -> None:
    headers = dict.fromkeys(("x-request-id", "user-agent", "cookie", "origin", "x-forwarded-for"), CANARY)
    for credentials in (f"user-{CANARY}", f"key-{CANARY}", f"bad-{CANARY}"):
        for body in (
            {"query": SAID, "variables": {"words": CANARY}},
            {"query": f'{{ said(words: "{CANARY}") }}'},
            {"query": f'{{ refused(words: "{CANARY}") }}'},
            {"query": f'mutation {{ keep(words: "{CANARY}") }}'},
            {"query": f"{{ {CANARY} }}"},
            {"query": SAID, "operationName": CANARY, "variables": {CANARY: CANARY}},
            {"query": SAID, "extensions": {CANARY: CANARY}, "variables": {"words": [CANARY]}},
            {CANARY: CANARY},
        ):
            ask(told, body, authorization=f"Bearer {credentials}", **headers)
    ask(told, CANARY, **headers)
    handler = HttpHandler(told.application)
    handler(event("GET", query=f"query={{{CANARY}}}", headers=headers))
    handler(event(path=PATH, body=CANARY, headers=headers))
    handler(event(path=PATH, body="refuse", headers=headers))
    ask_webhook(told, json.dumps({"door": CANARY}))
    told.sockets.open(CONNECTION_ID)
    say(told, type="connection_init", payload={"authorization": f"Bearer user-{CANARY}", CANARY: CANARY})
    say(told, type="subscribe", id=CANARY, payload={"query": SAID, "variables": {"words": CANARY}})
    say(told, type="subscribe", id=CANARY, payload={"query": f"{{ {CANARY} }}"})
    say(told, type=CANARY, id=CANARY)
    StreamHandler(told.application)(json_of(stream_of(told)))
    JobsHandler(told.application)(queue_event({"job": "scene.toil", "arguments": {"words": CANARY}}))
    assert len(told.lines()) == 35
    assert CANARY not in told.told()


def test_metrics_and_spans_are_told_of_the_same_requests(told: Scene) -> None:
    ask(told, {"query": SAID, "variables": {"words": "hello"}})
    told.metrics.flush()
    [line] = [json.loads(line) for line in told.log.getvalue().splitlines() if '"_aws"' in line]
    assert (line["way"], line["Requests"], line["StoreRoundTrips"]) == ("http", 1, 1)
    assert line["RequestDuration"] == pytest.approx(told.line()["milliseconds"], abs=0.001)
    assert [one[:2] for one in told.spans.told[:3]] == [
        ("began", "http"),
        ("asked", "store"),
        ("worked", "scene"),
    ]
    assert [one[0] for one in told.spans.told] == ["began", "asked", "worked", "ended"]
