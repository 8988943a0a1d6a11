"""Tasks: work that was asked for, written in the transaction of what it follows from.

A task is a row until it is done. The table's stream brings new rows to the queue of jobs within moments; each
minute's tick brings those whose time has come, and those that were brought and not done. Work is therefore done at
least once, and what a worker that was killed had in hand is done by another after `HELD` seconds.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final, Self, cast

from colonnade.conditions import Condition, absent, attribute
from colonnade.errors import InvalidWrite
from colonnade.store import Put, Value
from colonnade.store_rules import item_size
from colonnade.store_values import plain
from colonnade.telemetry.record import passed_on
from colonnade.work.rows import TASK

SHARDS: Final = 8
"""Partitions that the rows of the index are spread over: some 8,000 tasks a second."""

MAX_TASK_BYTES: Final = 64 * 1024
"""What a task may hold; what is larger belongs in a row of its own, which the arguments name."""

MAX_NAME: Final = 255
"""Characters of a job's name, and of a key."""

KEPT: Final = timedelta(days=366)
"""How long after its time a task is kept that nobody does."""

KEPT_DEAD: Final = timedelta(days=30)
"""How long a dead letter can be replayed."""

BROUGHT_BY_STREAM: Final = 60
"""Seconds after its time at which the tick looks for a task that the stream should have brought."""

LONGEST_DELAY: Final = 900
"""Seconds for which a queue holds a message back; what is due later waits in the table."""


@dataclass(frozen=True, slots=True)
class Task:
    """Work that was asked for.

    `at`: when it is due, epoch seconds; `look`: when the tick brings it, or None for a dead letter. `sent`: whether
    whoever writes it also brings it to the queue. `attempts`: how often it was begun; `held_until`: how long a worker
    has it to itself. `asked_by`: the principal's id, `request_id`: of the request or event that asked. `dead_at`: since
    when it is a dead letter, and `reason`: why, or why the last attempt failed. `unknown`: by how many
    workers it was met that know no such job. `traceparent`: of the trace in which it was asked for.
    """

    id: str
    job: str
    arguments: Mapping[str, Any]
    key: str | None
    at: int
    look: int | None
    asked_at: int
    asked_by: str | None = None
    request_id: str | None = None
    sent: bool = False
    attempts: int = 0
    held_until: int = 0
    revision: int = 0
    dead_at: int | None = None
    reason: str | None = None
    unknown: int = 0
    traceparent: str | None = None

    @classmethod
    def of(cls, attributes: Mapping[str, Value]) -> Self:
        """The task that a row holds. Raises ValueError for what `put` never writes."""
        try:
            return cls(**{name: cast(Any, attributes[name]) for name in cls.__slots__ if name in attributes})
        except TypeError as error:
            raise ValueError(f"no row of a task: {error}") from error

    def put(self) -> Put:
        """The write of a new task. Raises `InvalidWrite` for one that is too large, or holds what no store keeps."""
        made = self._put(absent())
        if (size := item_size(made.item)) > MAX_TASK_BYTES:
            raise InvalidWrite(
                f"a task of {self.job} would hold {size} bytes, a task holds at most {MAX_TASK_BYTES}: "
                "keep what is large in a row of its own, and name that row in the arguments"
            )
        return made

    def changed(self, **changes: Any) -> tuple[Self, Put]:
        """This task with `changes`, and the write of it, which stands if nobody changed it since."""
        after = replace(self, revision=self.revision + 1, **changes)
        return after, after._put(self.unchanged)

    @property
    def unchanged(self) -> Condition:
        """That the row is as this task was read."""
        return attribute("revision").equals(self.revision)

    def _put(self, condition: Condition) -> Put:
        kept = KEPT if self.dead_at is None else KEPT_DEAD
        last = self.at if self.dead_at is None else self.dead_at
        values: dict[str, Value] = {name: getattr(self, name) for name in self.__slots__}
        values |= {
            "arguments": {name: plain(value, name) for name, value in self.arguments.items()},
            "shard": zlib.crc32(self.id.encode()) % SHARDS,
        }
        if self.traceparent is None:
            del values["traceparent"]
        expires_at = last + int(kept.total_seconds())
        return TASK.put(values, condition=condition, expires_at=expires_at)


def asked_for(
    job: str,
    arguments: Mapping[str, Any],
    *,
    task_id: str,
    now: datetime,
    at: datetime | None = None,
    key: str | None = None,
    asked_by: str | None = None,
    request_id: str | None = None,
) -> Task:
    """The task of doing `job` at `at`, or at once. See `Context.later`."""
    for name in (job, key):
        if name is not None and not 0 < len(name) <= MAX_NAME:
            raise ValueError(f"a job's name and a key have 1 to {MAX_NAME} characters, not {len(name)}")
    if at is not None and at.tzinfo is None:
        raise ValueError(f"{job}: give `at` a time zone, as in datetime(…, tzinfo=UTC)")
    asked_at = int(now.timestamp())
    due = asked_at if at is None else max(asked_at, math.ceil(at.timestamp()))
    look = look_at(due, asked_at)
    return Task(
        task_id,
        job,
        arguments,
        key,
        due,
        look,
        asked_at,
        asked_by,
        request_id,
        traceparent=passed_on(),
    )


def look_at(due: int, now: int) -> int:
    """When the sweep looks at what is due at `due`: shortly before, or afterwards where a queue holds it until then."""
    return due - BROUGHT_BY_STREAM if due - now > LONGEST_DELAY else due + BROUGHT_BY_STREAM
