"""Real streams, from a commit to the log, the handlers and the queue, whatever dies on the way."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from colonnade.clock import SystemClock
from colonnade.dead_events import DeadEvents
from colonnade.outbox import recorded
from colonnade.queues import Queues
from colonnade.store import Item, Key, Put, Update, Writes
from colonnade.topic_log import TopicLog
from handlers.stream import StreamHandler
from infra.dynamodb import DynamoDBSettings, DynamoDBStore, client, ensure_table
from infra.local.pump import CADENCE, Checkpoint, StreamPump
from infra.local.queues import LocalQueue
from infra.local.workers import Handler
from infra.streams import is_recorded_event
from tests.events.rows import BellRung, ring
from tests.handlers.belfry import COUNT, POISON, application

ROOT = Path(__file__).parents[2]


@pytest.fixture
def table(dynamodb_endpoint: str, dynamodb: DynamoDBSettings) -> Iterator[DynamoDBSettings]:
    """A table, and so a stream, of this test's own."""
    settings = replace(dynamodb, table=f"colonnade-{uuid4().hex}")
    connection = client.connect(settings)
    ensure_table(connection, settings.table)
    yield settings
    connection.delete_table(TableName=settings.table)
    connection.close()


@pytest.fixture
def store(table: DynamoDBSettings) -> Iterator[DynamoDBStore]:
    made = DynamoDBStore(table, SystemClock())
    yield made
    made.close()


@pytest.fixture
def queues(tmp_path: Path) -> Iterator[Queues]:
    deliveries = LocalQueue("deliveries", fifo=True, file=tmp_path / "deliveries")
    jobs = LocalQueue("jobs", fifo=False, file=tmp_path / "jobs")
    yield Queues(deliveries, jobs)
    deliveries.close()
    jobs.close()


def ring_bell(store: DynamoDBStore, bell: str, strokes: int, first: int = 1) -> None:
    asyncio.run(ring(store, SystemClock(), bell, strokes, first))


def pumped(table: DynamoDBSettings, handler: Handler, file: Path) -> None:
    """Pump until the stream has nothing new."""
    pump = StreamPump(table, handler, file)
    quiet = 0
    while quiet < 3:
        quiet = quiet + 1 if pump.step() == CADENCE else 0
    pump.close()


def logged(store: DynamoDBStore, bell: str) -> list[tuple[int, int]]:
    """Numbers and strokes in a bell's log."""
    events = asyncio.run(TopicLog(store, SystemClock()).read(BellRung.topic(bell), 0, 1_000))
    return [(e.sequence, BellRung.of(e.payload).stroke) for e in events]


def counted(store: DynamoDBStore, bell: str) -> Mapping[str, object]:
    item = asyncio.run(store.get(COUNT.key(bell=bell)))
    assert item is not None
    return item.attributes


def in_order(total: int) -> dict[str, object]:
    return {"strokes": total, "order": "".join(f"{n}," for n in range(1, total + 1))}


def told(queues: Queues) -> dict[str, int]:
    """How far each topic is to be delivered."""
    assert isinstance(queues.deliveries, LocalQueue)
    found: dict[str, int] = {}
    while taken := queues.deliveries.take():
        for message in taken:
            body = json.loads(message.body)
            found[body["topic"]] = max(body["through"], found.get(body["topic"], 0))
        queues.deliveries.settle(taken)
    return found


def test_what_is_committed_reaches_log_handlers_and_queue(
    table: DynamoDBSettings, store: DynamoDBStore, queues: Queues, tmp_path: Path
) -> None:
    ring_bell(store, "big", 12)
    ring_bell(store, "small", 3)

    pumped(table, StreamHandler(application(store, queues)), tmp_path / "stream.json")

    assert logged(store, "big") == [(n, n) for n in range(1, 13)]
    assert (counted(store, "big"), counted(store, "small")) == (in_order(12), in_order(3))
    assert told(queues) == {BellRung.topic("big"): 12, BellRung.topic("small"): 3}


def test_a_pump_goes_on_where_the_last_one_ended(
    table: DynamoDBSettings, store: DynamoDBStore, tmp_path: Path
) -> None:
    given: list[int] = []

    def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
        images = [record["dynamodb"]["NewImage"] for record in event["Records"]]
        given.extend(int(image["payload"]["M"]["stroke"]["N"]) for image in images)
        return {"batchItemFailures": []}

    ring_bell(store, "big", 2)
    pumped(table, handler, tmp_path / "stream.json")
    ring_bell(store, "big", 2, first=3)
    pumped(table, handler, tmp_path / "stream.json")

    assert given == [1, 2, 3, 4]


def test_what_failed_is_brought_again_with_all_that_follows(
    table: DynamoDBSettings, store: DynamoDBStore, tmp_path: Path
) -> None:
    batches: list[list[int]] = []

    def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
        records = event["Records"]
        batches.append([int(r["dynamodb"]["NewImage"]["payload"]["M"]["stroke"]["N"]) for r in records])
        if len(batches) > 1:
            return {"batchItemFailures": []}
        return {"batchItemFailures": [{"itemIdentifier": records[2]["dynamodb"]["SequenceNumber"]}]}

    ring_bell(store, "big", 4)
    pumped(table, handler, tmp_path / "stream.json")

    assert batches == [[1, 2, 3, 4], [3, 4]]


def test_a_handler_that_raises_is_given_the_batch_again(
    table: DynamoDBSettings, store: DynamoDBStore, tmp_path: Path
) -> None:
    calls: list[int] = []

    def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
        calls.append(len(event["Records"]))
        if len(calls) == 1:
            raise RuntimeError("ouch")
        return {"batchItemFailures": []}

    ring_bell(store, "big", 3)
    pump = StreamPump(table, handler, tmp_path / "stream.json")
    with pytest.raises(RuntimeError, match="ouch"):
        pump.step()
    pump.step()
    pump.close()

    assert calls == [3, 3]


def test_only_new_rows_of_the_outbox_pass(
    table: DynamoDBSettings, store: DynamoDBStore, tmp_path: Path
) -> None:
    given: list[Any] = []

    def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
        given.extend(event["Records"])
        return {"batchItemFailures": []}

    key = Key("notes#Note#1", "-")
    asyncio.run(store.transact(Writes([Put(Item(key, {"text": "not an event"}))])))
    ring_bell(store, "big", 1)
    outbox = recorded(BellRung(bell="big", stroke=1), "evt_big_000001", SystemClock().now()).key
    asyncio.run(store.transact(Writes([Update(outbox, set={"sequence": 1})])))

    pumped(table, handler, tmp_path / "stream.json")

    assert [record["eventName"] for record in given] == ["INSERT"]
    assert all(map(is_recorded_event, given))
    json.dumps(given)  # as Lambda has it


@pytest.mark.parametrize("die_at", [1, 2, 3])
def test_a_pump_killed_between_log_and_queue_loses_nothing(
    table: DynamoDBSettings, store: DynamoDBStore, queues: Queues, tmp_path: Path, die_at: int
) -> None:
    for bell in ("big", "small"):
        ring_bell(store, bell, 20)  # POISON among them, so that the batch comes several times
    assert table.endpoint_url is not None
    assert table.access_key is not None
    command = [sys.executable, "-m", "tests.handlers.belfry"]
    command += [table.endpoint_url, table.table, table.access_key, str(tmp_path)]

    killed = subprocess.run([*command, str(die_at)], cwd=ROOT, capture_output=True, timeout=120, check=False)
    again = subprocess.run([*command, "0"], cwd=ROOT, capture_output=True, timeout=120, check=False)

    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert again.returncode == 0, again.stderr.decode()
    without_poison = "".join(f"{n}," for n in range(1, 21) if n != POISON)
    for bell in ("big", "small"):
        assert logged(store, bell) == [(n, n) for n in range(1, 21)]
        assert counted(store, bell) == {"strokes": 19, "order": without_poison}
    assert told(queues) == {BellRung.topic("big"): 20, BellRung.topic("small"): 20}
    assert isinstance(queues.jobs, LocalQueue)
    assert queues.jobs.waiting == 2  # what the handler would not take, one of each bell


@pytest.mark.dynamodb_local
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(
            {"stream": "arn:aws:dynamodb:ddblocal:000000000000:table/t/stream/2020"}, id="another table's"
        ),
        pytest.param({"shard": "shardId-00000000000000000000-00000000"}, id="a shard that is gone"),
    ],
)
def test_a_checkpoint_that_leads_nowhere_is_begun_anew(
    table: DynamoDBSettings, store: DynamoDBStore, queues: Queues, tmp_path: Path, wrong: dict[str, str]
) -> None:
    handler = StreamHandler(application(store, queues))
    file = tmp_path / "stream.json"
    ring_bell(store, "big", 2)
    pumped(table, handler, file)
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({**kept, **wrong}))
    ring_bell(store, "big", 1, first=3)

    pumped(table, handler, file)

    assert logged(store, "big") == [(1, 1), (2, 2), (3, 3)]
    assert counted(store, "big") == in_order(3)
    assert Checkpoint(**json.loads(file.read_text())).shard == kept["shard"]


def test_a_record_that_is_no_event_is_left_out(
    store: DynamoDBStore, queues: Queues, caplog: pytest.LogCaptureFixture
) -> None:
    record = {
        "eventName": "INSERT",
        "dynamodb": {
            "Keys": {"_pk": {"S": "colonnade#Outbox#odd"}, "_sk": {"S": "evt"}},
            "NewImage": {
                "_pk": {"S": "colonnade#Outbox#odd"},
                "_sk": {"S": "evt"},
                "id": {"B": "not base64!"},
            },
            "SequenceNumber": "1",
        },
    }
    handler = StreamHandler(application(store, queues))

    with caplog.at_level(logging.ERROR):
        assert handler({"Records": [record]}) == {"batchItemFailures": []}
    assert "A record of the stream is left out" in caplog.text
    [letter], _ = asyncio.run(DeadEvents(store, SystemClock()).listed("record"))
    assert json.loads(str(letter.content["record"])) == record
    assert letter.reason.startswith("no row of the outbox")
