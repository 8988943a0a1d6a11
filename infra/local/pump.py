"""What Lambda does for a stream: read it, hand batches to the handler, and remember how far it came."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from infra import aws
from infra.dynamodb import DynamoDBSettings
from infra.dynamodb.client import connect
from infra.local.files import replace_text
from infra.local.workers import Handler
from infra.streams import passes, stream_event

CADENCE: Final = 0.05
"""Seconds between two looks at a stream in which something has just happened."""

SLOWEST: Final = 0.25
"""Seconds between two looks at one in which nothing happens: Lambda looks as often."""

_QUIET: Final = 4
"""Looks that find nothing after which the next come half as often."""

MAX_BATCH: Final = 100

_LONGEST_PAUSE: Final = 5.0
_TRIMMED: Final = frozenset({"TrimmedDataAccessException", "ResourceNotFoundException"})

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The last record of a shard that is done with. `sequence`: its number, or None before the first.

    `others`: the same of the shards that are read by turns with it, in the order of their turns.
    """

    stream: str
    shard: str
    sequence: str | None
    others: tuple[tuple[str, str | None], ...] = ()

    @classmethod
    def read(cls, text: str) -> Checkpoint:
        """The checkpoint that a file holds."""
        kept = json.loads(text)
        return cls(**{**kept, "others": tuple((shard, at) for shard, at in kept.get("others", ()))})

    @property
    def text(self) -> str:
        """What a file holds of it."""
        kept = asdict(self)
        return json.dumps(kept if self.others else {n: v for n, v in kept.items() if n != "others"})

    @property
    def next(self) -> Checkpoint:
        """The same, with another shard's turn."""
        if not self.others:
            return self
        (shard, sequence), *rest = self.others
        return Checkpoint(self.stream, shard, sequence, (*rest, (self.shard, self.sequence)))

    def followed_by(self, children: Sequence[str]) -> Checkpoint:
        """The same, with the shards that follow this one in its place; they are read from their beginnings."""
        first, *more = children
        return Checkpoint(self.stream, first, None, (*self.others, *((child, None) for child in more)))


class StreamPump:
    """Carries the table's stream to `handler`, each record at least once and in order.

    `file`: where it keeps its checkpoint; not in the table, whose stream that would feed. A shard is read to its end
    before those that follow it, and shards that stand beside one another by turns. What `handler` reports as failed is brought again, with all that follows,
    after a pause that grows to five seconds.
    """

    def __init__(self, settings: DynamoDBSettings, handler: Handler, file: Path) -> None:
        self._settings: Final = settings
        self._handler: Final = handler
        self._file: Final = file
        self._client: Any = None
        self._checkpoint: Checkpoint | None = None
        self._iterators: dict[str, str] = {}
        self._failures = 0
        self._quiet = 0

    def step(self) -> float:
        """Carry one batch; how many seconds to wait for the next."""
        self._client = self._client or aws.client(
            "dynamodbstreams",
            self._settings,
            account_id_endpoint_mode="disabled",  # moto would not know the host that names an account
        )
        at = self._checkpoint = self._checkpoint or self._found()
        try:
            iterator = self._iterators.pop(at.shard, None) or self._begin(at)
            answer = self._client.get_records(ShardIterator=iterator, Limit=MAX_BATCH)
        except ClientError as error:
            return self._lost(at, error)
        records: Sequence[Mapping[str, Any]] = answer["Records"]
        done = self._carry(at, records)
        if done:
            at = replace(at, sequence=records[done - 1]["dynamodb"]["SequenceNumber"])
            self._move(at)
        if done < len(records):
            self._failures += 1
            return float(min(_LONGEST_PAUSE, CADENCE * 2**self._failures))
        self._failures = 0
        following = answer.get("NextShardIterator")
        if following is not None:
            self._iterators[at.shard] = following
        elif children := self._after(at):
            at = at.followed_by(children)
            self._move(at)
        if at.others:
            self._move(at.next)
        self._quiet = 0 if records else self._quiet + 1
        return 0.0 if records else float(min(SLOWEST, CADENCE * 2 ** (self._quiet // _QUIET)))

    def close(self) -> None:
        """Closes the connections, once no step is at work."""
        if self._client is not None:
            self._client.close()

    def _carry(self, at: Checkpoint, records: Sequence[Mapping[str, Any]]) -> int:
        """How many of `records`, from the first, are done with."""
        passed = [record for record in records if passes(record)]
        if not passed:
            return len(records)
        answer = self._handler(stream_event(passed, at.stream), None)
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        for number, record in enumerate(records):
            if record["dynamodb"]["SequenceNumber"] in failed:
                return number
        return len(records)

    def _begin(self, at: Checkpoint) -> str:
        where = {"StreamArn": at.stream, "ShardId": at.shard}
        if at.sequence is None:
            answer = self._client.get_shard_iterator(**where, ShardIteratorType="TRIM_HORIZON")
        else:
            answer = self._client.get_shard_iterator(
                **where, ShardIteratorType="AFTER_SEQUENCE_NUMBER", SequenceNumber=at.sequence
            )
        return str(answer["ShardIterator"])

    def _lost(self, at: Checkpoint, error: ClientError) -> float:
        """Go on where the stream still has something, after it has forgotten the place we were at."""
        code = error.response["Error"].get("Code", "")
        if code == "ExpiredIteratorException":
            return 0.0
        if code not in _TRIMMED:
            raise error
        _log.warning(
            "The stream no longer has what follows the checkpoint; it is read from its beginning",
            extra={
                "fields": {
                    "stream": at.stream,
                    "shard": at.shard,
                    "sequenceNumber": at.sequence,
                    "code": code,
                }
            },
        )
        self._iterators.clear()
        self._move(self._beginning())
        return CADENCE

    def _found(self) -> Checkpoint:
        """The checkpoint of the file if it is of this table's stream, or else the beginning."""
        beginning = self._beginning()
        if self._file.exists():
            kept = Checkpoint.read(self._file.read_text())
            if kept.stream == beginning.stream:
                return kept
        return beginning

    def _beginning(self) -> Checkpoint:
        """The beginning of all that the stream still has."""
        stream, shard = self._oldest()
        roots = [root for root in _roots(self._shards(stream)) if root != shard]
        return Checkpoint(stream, shard, None, tuple((root, None) for root in roots))

    def _oldest(self) -> tuple[str, str]:
        """The table's stream, and the first of its shards."""
        table = connect(self._settings)
        try:
            stream = table.describe_table(TableName=self._settings.table)["Table"]["LatestStreamArn"]
        finally:
            table.close()
        return stream, _roots(self._shards(stream))[0]

    def _after(self, at: Checkpoint) -> Sequence[str]:
        """The shards that follow one which has ended, once there are any: two where it was split."""
        return [s["ShardId"] for s in self._shards(at.stream) if s.get("ParentShardId") == at.shard]

    def _shards(self, stream: str) -> Sequence[Mapping[str, Any]]:
        shards: list[Mapping[str, Any]] = []
        start: dict[str, str] = {}
        while True:
            description = self._client.describe_stream(StreamArn=stream, **start)["StreamDescription"]
            shards += description["Shards"]
            if not description.get("LastEvaluatedShardId"):
                return shards
            start = {"ExclusiveStartShardId": description["LastEvaluatedShardId"]}

    def _move(self, to: Checkpoint) -> None:
        self._checkpoint = to
        replace_text(self._file, to.text)


def _roots(shards: Sequence[Mapping[str, Any]]) -> Sequence[str]:
    """The shards whose parents the stream no longer has, or that never had one."""
    here = {shard["ShardId"] for shard in shards}
    return [str(shard["ShardId"]) for shard in shards if shard.get("ParentShardId") not in here]
