"""Records of a stream become rows of the outbox again, through Lambda's JSON; and what a local stream never does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from colonnade.conditions import absent
from colonnade.outbox import OUTBOX, OutboxRow
from colonnade.store import Value
from infra import aws
from infra.dynamodb import DynamoDBSettings
from infra.dynamodb.items import marshal_item
from infra.local.pump import Checkpoint, StreamPump
from infra.streams import MalformedRecord, is_recorded_event, outbox_row, stream_event

AT = datetime(2026, 1, 1, tzinfo=UTC)
SCALARS = (
    st.none() | st.booleans() | st.integers(-(10**37), 10**37) | st.text(max_size=8) | st.binary(max_size=8)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=4), inner, max_size=3)
    ),
)


def record(payload: Mapping[str, Value], number: str = "1") -> dict[str, Any]:
    """A record as the stream's own API gives it."""
    attributes: dict[str, Value] = {
        "topic": "t", "id": "evt_1", "name": "a.b", "payload": payload, "at": AT.isoformat()
    }  # fmt: skip
    image = marshal_item(OUTBOX.put(attributes, condition=absent(), expires_at=1).item)
    keys = {name: image[name] for name in ("_pk", "_sk")}
    inner = {"Keys": keys, "NewImage": image, "SequenceNumber": number, "ApproximateCreationDateTime": AT}
    return {"eventID": number, "eventName": "INSERT", "dynamodb": inner}


@given(st.dictionaries(st.text(min_size=1, max_size=4), VALUES, max_size=4))
def test_a_row_survives_lambdas_json(payload: dict[str, Value]) -> None:
    event = json.loads(json.dumps(stream_event([record(payload)], "arn")))

    assert is_recorded_event(event["Records"][0])
    assert outbox_row(event["Records"][0]) == OutboxRow("evt_1", "t", "a.b", payload, AT)


@pytest.mark.parametrize(
    "change",
    [
        {"payload": {"S": "x"}},
        {"id": {"N": "1"}},
        {"at": {"S": "noon"}},
        {"topic": {"NULL": True}},
        {"_pk": {}},
        {"id": {}},
    ],
)
def test_a_row_that_the_outbox_never_holds_is_malformed(change: dict[str, Any]) -> None:
    odd = record({})
    odd["dynamodb"]["NewImage"] |= change

    with pytest.raises(MalformedRecord, match="no row of the outbox"):
        outbox_row(odd)


class ScriptedStreams:
    """A stream of two shards, one after the other, that has forgotten what is in `gone`."""

    def __init__(self, *gone: str) -> None:
        self.gone = gone
        self.begun: list[tuple[str, str]] = []

    def describe_stream(self, **_: object) -> dict[str, Any]:
        return {
            "StreamDescription": {"Shards": [{"ShardId": "one"}, {"ShardId": "two", "ParentShardId": "one"}]}
        }

    def get_shard_iterator(self, **asked: str) -> dict[str, Any]:
        self.begun.append((asked["ShardId"], asked["ShardIteratorType"]))
        if asked.get("SequenceNumber") in self.gone:
            error: Any = {"Error": {"Code": "TrimmedDataAccessException"}}
            raise ClientError(error, "GetShardIterator")
        return {"ShardIterator": asked["ShardId"]}

    def get_records(self, ShardIterator: str, Limit: int) -> dict[str, Any]:
        if ShardIterator == "one":
            return {"Records": [record({}, "7")]}
        return {"Records": [record({}, "8")], "NextShardIterator": "later"}

    def close(self) -> None:
        pass


def scripted(
    monkeypatch: pytest.MonkeyPatch, streams: ScriptedStreams, file: Path
) -> tuple[StreamPump, list[str]]:
    given_numbers: list[str] = []

    def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
        given_numbers.extend(r["dynamodb"]["SequenceNumber"] for r in event["Records"])
        return {"batchItemFailures": []}

    monkeypatch.setattr(aws, "client", lambda *_, **__: streams)
    monkeypatch.setattr(StreamPump, "_oldest", lambda self: ("arn", "one"))
    return StreamPump(DynamoDBSettings("table"), handler, file), given_numbers


def test_a_shard_that_has_ended_is_followed_by_the_next(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pump, numbers = scripted(monkeypatch, ScriptedStreams(), tmp_path / "stream.json")

    pump.step()
    pump.step()

    assert numbers == ["7", "8"]
    assert Checkpoint(**json.loads((tmp_path / "stream.json").read_text())) == Checkpoint("arn", "two", "8")


def test_an_iterator_that_has_expired_is_asked_for_again_behind_what_is_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """After five minutes, as of a laptop that slept."""

    class Expiring(ScriptedStreams):
        expired = False

        def get_records(self, ShardIterator: str, Limit: int) -> dict[str, Any]:
            if self.expired:
                self.expired = False
                error: Any = {"Error": {"Code": "ExpiredIteratorException"}}
                raise ClientError(error, "GetRecords")
            return super().get_records(ShardIterator, Limit)

    streams = Expiring()
    pump, numbers = scripted(monkeypatch, streams, tmp_path / "stream.json")
    pump.step()
    pump.step()
    streams.expired = True

    pump.step()
    pump.step()

    assert streams.begun[-1] == ("two", "AFTER_SEQUENCE_NUMBER")
    assert numbers == ["7", "8", "8"], "scripted iterators of shard two all give the same"


def test_a_stream_that_has_forgotten_the_checkpoint_is_read_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "stream.json").write_text(json.dumps({"stream": "arn", "shard": "one", "sequence": "3"}))
    streams = ScriptedStreams("3")
    pump, numbers = scripted(monkeypatch, streams, tmp_path / "stream.json")

    pump.step()
    pump.step()

    assert streams.begun == [("one", "AFTER_SEQUENCE_NUMBER"), ("one", "TRIM_HORIZON")]
    assert numbers == ["7"]
    assert "read from its beginning" in caplog.text
