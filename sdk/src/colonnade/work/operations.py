"""Operations that take long: many turns, perhaps of many workers, with progress that anybody can look at.

    operation = await context.operations.start("shop.reprice", key="2026-11", job="shop.reprice-turn")
    running = await context.operations.take(operation.id, holder)          # None: another has it in hand
    for page in pages(after=running.operation.cursor):
        await reprice(page)
        await running.advance(page.end, pages.total, cursor={"after": page.last})
    await running.succeed()

What was done is kept together with the cursor, so that whoever takes it after a holder that was killed goes on where
that stopped. A holder that lost its lease hears so at its next write, `OperationLost`, and has changed nothing.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, Self, cast

from colonnade.conditions import Condition, absent, attribute
from colonnade.core_events import OperationUpdated
from colonnade.errors import ColonnadeError, ConditionFailed
from colonnade.events import Event
from colonnade.store import Put, Store, Value, Write, Writes
from colonnade.store_values import plain
from colonnade.work.rows import LONG_OPERATION

if TYPE_CHECKING:
    from colonnade.context import Clock

HELD: Final = timedelta(seconds=90)
"""How long a holder has an operation to itself after each of its writes."""

KEPT: Final = timedelta(days=90)
"""How long an operation is kept after its last change."""

MAX_TEXT: Final = 1_000
"""Characters of a note and of a failure; what is longer is cut."""

TOLD: Final = 2
"""Seconds between two events about the progress of an operation; a change of its status is told at once."""


class OperationStatus(StrEnum):
    """Where an operation stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in {OperationStatus.DONE, OperationStatus.FAILED, OperationStatus.CANCELLED}


class OperationLost(ColonnadeError):
    """Whoever worked on an operation has it no longer: it was cancelled, or another took it over."""

    code = "CONFLICT"


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation as it was read.

    `name`: what kind, as in `social.export`; `owner`: the account whose it is, or None for the platform's. `done` of
    `total`: how far it is, in units of its own; `total` is 0 while nobody knows. `arguments`: what it was started
    with; `cursor`: where its next turn begins. Times are UTC.
    """

    id: str
    name: str
    status: OperationStatus
    created_at: datetime
    owner: str | None = None
    done: int = 0
    total: int = 0
    note: str = ""
    arguments: Mapping[str, Any] | None = None
    cursor: Mapping[str, Any] | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    failure: str | None = None
    holder: str | None = None
    held_until: int = 0
    told_at: int = 0
    revision: int = 0

    @classmethod
    def of(cls, attributes: Mapping[str, Value]) -> Self:
        """The operation that a row holds."""
        found: dict[str, Any] = {name: attributes[name] for name in cls.__slots__}
        for name in ("created_at", "started_at", "finished_at"):
            found[name] = None if found[name] is None else datetime.fromisoformat(cast(str, found[name]))
        return cls(**{**found, "status": OperationStatus(found["status"])})

    def put(self, now: datetime, condition: Condition) -> Put:
        """The write of this operation."""
        values: dict[str, Value] = {"scope": "all"}
        for name in self.__slots__:
            value = getattr(self, name)
            values[name] = value.isoformat() if isinstance(value, datetime) else plain(value, name)
        return LONG_OPERATION.put(values, condition=condition, expires_at=int((now + KEPT).timestamp()))


def id_of(name: str, key: str) -> str:
    """The id of the one operation of this kind with this key."""
    digest = hashlib.sha256(f"{name}\0{key}".encode()).digest()
    return f"op_{base64.b32encode(digest)[:26].decode()}"


@dataclass(frozen=True, slots=True)
class Operations:
    """The operations of a deployment. `later` and `record`: how a job is asked for and an event recorded, as a
    `Context` does.
    """

    store: Store
    clock: Clock
    later: Callable[[str, Mapping[str, Any]], Put]
    record: Callable[[Event], Put]

    def starting(
        self,
        name: str,
        *,
        key: str,
        job: str | None = None,
        arguments: Mapping[str, Any] | None = None,
        owner: str | None = None,
        total: int = 0,
        note: str = "",
    ) -> tuple[Operation, Writes]:
        """An operation, and the writes that start it, to commit with what else is decided; they fail if it exists.

        `job`: whose turns work on it, asked for with `{"operation": id}`; None where the caller works on it itself.
        """
        now = self.clock.now()
        status = OperationStatus.WAITING
        made = Operation(id_of(name, key), name, status, now, owner, 0, total, note[:MAX_TEXT], arguments)
        writes: list[Write] = [made.put(now, absent())]
        if job is not None:
            writes.append(self.later(job, {"operation": made.id}))
        return made, Writes(writes)

    async def start(
        self,
        name: str,
        *,
        key: str,
        job: str | None = None,
        arguments: Mapping[str, Any] | None = None,
        owner: str | None = None,
        total: int = 0,
        note: str = "",
    ) -> Operation:
        """The operation of this kind with this key: started now, or found, whatever became of it."""
        made, writes = self.starting(
            name, key=key, job=job, arguments=arguments, owner=owner, total=total, note=note
        )
        try:
            await self.store.transact(writes)
        except ConditionFailed:
            found = await self.find(made.id)
            if found is None:
                raise
            return found
        return made

    async def find(self, operation_id: str) -> Operation | None:
        """The operation with this id, read consistently."""
        item = await self.store.get(LONG_OPERATION.key(id=operation_id))
        return None if item is None else Operation.of(item.attributes)

    async def take(self, operation_id: str, holder: str) -> Running | None:
        """Work on an operation, alone; None if there is none, if it has ended, or if another has it in hand."""
        found = await self.find(operation_id)
        now = self.clock.now()
        if found is None or found.status.ended:
            return None
        if found.holder not in {None, holder} and found.held_until > now.timestamp():
            return None
        running = Running(self, found, holder)
        try:
            await running.write(status=OperationStatus.RUNNING, started_at=found.started_at or now)
        except OperationLost:
            return None
        return running

    async def cancel(self, operation_id: str) -> Operation | None:
        """End an operation; whoever works on it hears so at its next write. None if there is none.

        One that has ended stays as it is.
        """
        return await self._change(
            operation_id, lambda o: not o.status.ended, status=OperationStatus.CANCELLED
        )

    async def reopen(self, operation_id: str, job: str | None = None) -> Operation | None:
        """Let one that failed or was cancelled go on at its cursor; None if there is none.

        `job`: whose turns work on it from now on.
        """
        again = {OperationStatus.FAILED, OperationStatus.CANCELLED}
        return await self._change(
            operation_id, lambda o: o.status in again, job, status=OperationStatus.WAITING, failure=None
        )

    async def _change(
        self, operation_id: str, may: Callable[[Operation], bool], job: str | None = None, **changes: Any
    ) -> Operation | None:
        while (found := await self.find(operation_id)) is not None and may(found):
            try:
                return await self.write(found, job, holder=None, held_until=0, **changes)
            except OperationLost:
                continue
        return found

    async def write(self, before: Operation, job: str | None = None, /, **changes: Any) -> Operation:
        """`before` with `changes`, written. Raises `OperationLost` where it is not as it was read any more."""
        now = self.clock.now()
        after = replace(before, revision=before.revision + 1, **changes)
        after = replace(after, finished_at=(after.finished_at or now) if after.status.ended else None)
        events: list[Write] = []
        if after.status is not before.status or now.timestamp() >= before.told_at + TOLD:
            after = replace(after, told_at=int(now.timestamp()))
            events.append(self.record(OperationUpdated(operation_id=after.id, status=after.status.value)))
        writes: list[Write] = [after.put(now, attribute("revision").equals(before.revision)), *events]
        if job is not None:
            writes.append(self.later(job, {"operation": before.id}))
        try:
            await self.store.transact(Writes(writes))
        except ConditionFailed as error:
            raise OperationLost(
                f"operation {before.id} ({before.name}) was cancelled or taken over meanwhile; nothing was written"
            ) from error
        return after


class Running:
    """An operation in the hands of one holder. Every method raises `OperationLost` once it is not, and `StoreError`."""

    def __init__(self, operations: Operations, operation: Operation, holder: str) -> None:
        self._operations: Final = operations
        self._holder: Final = holder
        self.operation = operation

    async def advance(
        self,
        done: int,
        total: int | None = None,
        *,
        note: str | None = None,
        cursor: Mapping[str, Any] | None = None,
    ) -> None:
        """Say how far it is, and keep `cursor` for whoever goes on; the lease begins anew.

        `done` of `total` are whole numbers of the operation's own units; None leaves what was said before.
        """
        changes: dict[str, Any] = {"done": done}
        changes |= {} if total is None else {"total": total}
        changes |= {} if note is None else {"note": note[:MAX_TEXT]}
        changes |= {} if cursor is None else {"cursor": cursor}
        if done < 0 or (changes.get("total", self.operation.total) or done) < done:
            raise ValueError(f"{self.operation.name}: {done} of {total} is no progress")
        await self.write(**changes)

    async def succeed(self, note: str | None = None) -> None:
        """It is done."""
        changes: dict[str, Any] = {} if note is None else {"note": note[:MAX_TEXT]}
        await self._let_go(status=OperationStatus.DONE, **changes)

    async def fail(self, reason: str) -> None:
        """It has ended without being done; `reopen` lets it go on."""
        await self._let_go(status=OperationStatus.FAILED, failure=reason[:MAX_TEXT])

    async def release(self) -> None:
        """Leave the rest to whoever takes it next, at once."""
        await self._let_go()

    async def write(self, **changes: Any) -> None:
        """Change it, and hold it from now on."""
        until = int((self._operations.clock.now() + HELD).timestamp())
        self.operation = await self._operations.write(
            self.operation, **{"holder": self._holder, "held_until": until, **changes}
        )

    async def _let_go(self, **changes: Any) -> None:
        await self.write(holder=None, held_until=0, **changes)
