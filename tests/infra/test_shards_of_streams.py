"""The laptop's pump on a scripted stream whose shards split and follow one another.

No local engine splits a shard, and on AWS Lambda's poller reads the stream, each parent to its end before its children.
What is ours there: each item of a batch that failed is named, and a topic's rows are in one shard, as a shard holds whole
partitions of the table; what comes again is numbered once (`tests/events/test_topic_log.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.dynamodb import DynamoDBSettings
from infra.local.pump import CADENCE, SLOWEST, StreamPump
from infra.streams import OUTBOX_PREFIX
from tests.soak.cases import cases

STREAM = "arn:scripted"


class ScriptedStream:
    """A stream whose shards each have a parent, perhaps, and records; `closed` are those that have ended."""

    def __init__(self, parents: Mapping[str, str | None], records: Mapping[str, Sequence[int]]) -> None:
        self.parents = dict(parents)
        self.records = {shard: list(numbers) for shard, numbers in records.items()}
        self.closed = {parent for parent in parents.values() if parent is not None}
        self.page = 2

    def describe_stream(self, **_: object) -> dict[str, Any]:
        shards = [
            {"ShardId": shard, **({} if parent is None else {"ParentShardId": parent})}
            for shard, parent in self.parents.items()
        ]
        return {"StreamDescription": {"Shards": shards}}

    def get_shard_iterator(self, *, ShardId: str, SequenceNumber: str | None = None, **_: object) -> Any:
        held = self.records[ShardId]
        start = 0 if SequenceNumber is None else held.index(int(SequenceNumber)) + 1
        return {"ShardIterator": f"{ShardId}:{start}"}

    def get_records(self, *, ShardIterator: str, **_: object) -> dict[str, Any]:
        shard, start = ShardIterator.rsplit(":", 1)
        held = self.records[shard][int(start) : int(start) + self.page]
        end = int(start) + len(held)
        over = shard in self.closed and end == len(self.records[shard])
        return {
            "Records": [record(number) for number in held],
            **({} if over else {"NextShardIterator": f"{shard}:{end}"}),
        }


def record(number: int) -> dict[str, Any]:
    keys = {"_pk": {"S": f"{OUTBOX_PREFIX}bell.rung"}, "_sk": {"S": str(number)}}
    return {"eventName": "INSERT", "dynamodb": {"SequenceNumber": str(number), "Keys": keys, "NewImage": {}}}


def pump_of(stream: ScriptedStream, handler: Any, file: Path, monkeypatch: pytest.MonkeyPatch) -> StreamPump:
    pump = StreamPump(DynamoDBSettings.local("http://127.0.0.1:1", "t"), handler, file)
    monkeypatch.setattr(pump, "_client", stream)
    roots = [shard for shard, parent in stream.parents.items() if parent not in stream.parents]
    monkeypatch.setattr(pump, "_oldest", lambda: (STREAM, roots[0]))
    return pump


def carried(
    stream: ScriptedStream, file: Path, *, random: Random | None = None, steps: int = 400
) -> list[int]:
    """What a pump carried in the end, which fails and is killed as `random` says."""
    seen: list[int] = []

    def handler(event: Mapping[str, Any], _: object) -> Mapping[str, Any]:
        numbers = [int(r["dynamodb"]["SequenceNumber"]) for r in event["Records"]]
        failing = len(numbers) if random is None or random.random() < 0.6 else random.randrange(len(numbers))
        seen.extend(numbers[:failing])
        return {"batchItemFailures": [{"itemIdentifier": str(number)} for number in numbers[failing:]]}

    with pytest.MonkeyPatch.context() as patch:
        pump = pump_of(stream, handler, file, patch)
        for _ in range(steps):
            pump.step()
            if random is not None and random.random() < 0.1:
                pump = pump_of(stream, handler, file, patch)  # a new process
    return seen


def test_a_stream_in_which_nothing_happens_is_looked_at_as_often_as_lambda_looks_at_one(
    tmp_path: Path,
) -> None:
    stream = ScriptedStream({"a": None}, {"a": [1]})
    with pytest.MonkeyPatch.context() as patched:
        pump = pump_of(stream, lambda *_: {"batchItemFailures": []}, tmp_path / "stream.json", patched)
        pauses = [pump.step() for _ in range(20)]
        assert pauses[0] == 0.0
        assert pauses[1] == CADENCE
        assert pauses == sorted(pauses)
        assert pauses[-1] == SLOWEST
        stream.records["a"].append(2)
        assert [pump.step(), pump.step()] == [0.0, CADENCE]


def test_a_shard_that_split_is_read_to_its_end_before_its_children(tmp_path: Path) -> None:
    stream = ScriptedStream(
        {"root": None, "left": "root", "right": "root", "grandchild": "left"},
        {"root": [1, 2, 3], "left": [4, 5], "right": [6], "grandchild": [7, 8, 9]},
    )
    seen = carried(stream, tmp_path / "at.json")

    assert sorted(seen) == list(range(1, 10))
    assert seen[:3] == [1, 2, 3]
    assert [n for n in seen if n in (4, 5, 7, 8, 9)] == [4, 5, 7, 8, 9]


def test_shards_that_are_listed_before_their_parents_wait_for_them(tmp_path: Path) -> None:
    stream = ScriptedStream({"child": "root", "root": None}, {"child": [3, 4], "root": [1, 2]})
    assert carried(stream, tmp_path / "at.json") == [1, 2, 3, 4]


def test_a_child_that_appears_while_its_parent_is_read_is_next(tmp_path: Path) -> None:
    stream = ScriptedStream({"root": None}, {"root": [1, 2]})
    file = tmp_path / "at.json"
    assert carried(stream, file, steps=5) == [1, 2]
    stream.parents |= {"a": "root", "b": "root"}
    stream.records |= {"a": [3], "b": [4]}
    stream.closed.add("root")
    assert sorted(carried(stream, file, steps=20)) == [3, 4]


def test_a_checkpoint_of_the_version_before_is_gone_on_from(tmp_path: Path) -> None:
    stream = ScriptedStream({"root": None}, {"root": [1, 2, 3]})
    file = tmp_path / "at.json"
    file.write_text(json.dumps({"stream": STREAM, "shard": "root", "sequence": "2"}))
    assert carried(stream, file, steps=5) == [3]


@cases(40)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_parents_come_before_children_and_nothing_is_lost(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    random = Random(seed)
    parents: dict[str, str | None] = {"s0": None}
    leaves = ["s0"]
    for _ in range(random.randrange(4)):
        split = leaves.pop(random.randrange(len(leaves)))
        for _ in range(random.choice([1, 2])):
            name = f"s{len(parents)}"
            parents[name] = split
            leaves.append(name)
    number, records = 0, dict[str, list[int]]()
    for shard in parents:
        count = random.randrange(5)
        records[shard] = list(range(number + 1, number + count + 1))
        number += count
    stream = ScriptedStream(dict(random.sample(list(parents.items()), len(parents))), records)

    seen = carried(stream, tmp_path_factory.mktemp("at") / "at.json", random=random)

    assert set(seen) == set(range(1, number + 1))
    first = {n: seen.index(n) for n in seen}
    for shard, parent in parents.items():
        assert [n for n in dict.fromkeys(seen) if n in records[shard]] == records[shard]
        if parent is not None and records[shard] and records[parent]:
            assert first[records[shard][0]] > first[records[parent][-1]]
