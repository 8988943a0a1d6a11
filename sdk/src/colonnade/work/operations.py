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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from colonnade.conditions import absent, attribute
from colonnade.core_events import OperationUpdated
from colonnade.errors import ConditionFailed, NotCancellable, OperationLost
from colonnade.events import Event
from colonnade.store import Position, Put, Query, Store, Write, Writes
from colonnade.work.records import MAX_TEXT, Operation, OperationStatus, id_of
from colonnade.work.rows import LONG_OPERATION
from colonnade.work.running import Running

__all__ = ["Operation", "OperationStatus", "Operations", "Running", "id_of"]

if TYPE_CHECKING:
    from colonnade.context import Clock

TOLD: Final = 2
"""Seconds between two events about the progress of an operation; a change of its status is told at once."""


class Asking(Protocol):
    """As `Context.later`."""

    def __call__(self, job: str, arguments: Mapping[str, Any], *, at: datetime | None = None) -> Put: ...


@dataclass(frozen=True, slots=True)
class Operations:
    """The operations of a deployment. `later` and `record`: how a job is asked for and an event recorded, as a
    `Context` does.
    """

    store: Store
    clock: Clock
    later: Asking
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
        cancellable: bool = True,
    ) -> tuple[Operation, Writes]:
        """An operation, and the writes that start it, to commit with what else is decided; they fail if it exists.

        `job`: whose turns work on it, asked for with `{"operation": id}`; None where the caller works on it itself.
        `cancellable`: whether somebody may end it when it is half done.
        """
        now = self.clock.now()
        status = OperationStatus.WAITING
        made = Operation(
            id_of(name, key), name, status, now, owner, 0, total, note[:MAX_TEXT], arguments, job,
            cancellable=cancellable,
        )  # fmt: skip
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

    async def take(self, operation_id: str, holder: str, *, failed_too: bool = False) -> Running | None:
        """Work on an operation, alone; None if there is none, if it has ended, or if another has it in hand.

        `failed_too`: go on with one that failed.
        """
        found = await self.find(operation_id)
        now = self.clock.now()
        if found is None:
            return None
        if found.status.ended and not (failed_too and found.status is OperationStatus.FAILED):
            return None
        if found.holder not in {None, holder} and found.held_until > now.timestamp():
            return None
        running = Running(self, found, holder)
        try:
            started_at = found.started_at or now
            await running.write(status=OperationStatus.RUNNING, started_at=started_at, failure=None)
        except OperationLost:
            return None
        return running

    async def fail(self, operation_id: str, reason: str) -> Operation | None:
        """End an operation that nobody will go on with; None if there is none."""
        failed, failure = OperationStatus.FAILED, reason[:MAX_TEXT]
        return await self._change(operation_id, lambda o: not o.status.ended, status=failed, failure=failure)

    def failing(self, found: Operation, reason: str) -> Writes:
        """What ends an operation that nobody will go on with, to commit with what says so; none for one that has ended.

        The writes fail where it is not as it was `found`.
        """
        if found.status.ended:
            return Writes()
        changes = {"status": OperationStatus.FAILED, "failure": reason[:MAX_TEXT]}
        _, writes = self._changed(found, None, {"holder": None, "held_until": 0, **changes})
        return writes

    async def cancel(self, operation_id: str, *, found: Operation | None = None) -> Operation | None:
        """End an operation; whoever works on it hears so at its next write. None if there is none.

        `found`: as it was just read, for who has; it is read again only where it changed since. One that has ended stays as
        it is. Raises `NotCancellable`.
        """

        def may(kept: Operation) -> bool:
            if not kept.cancellable and not kept.status.ended:
                raise NotCancellable(
                    f"{kept.name} cannot be ended half-done: wait until {kept.id} has ended by itself"
                )
            return not kept.status.ended

        return await self._change(operation_id, may, found=found, status=OperationStatus.CANCELLED)

    async def reopen(self, operation_id: str) -> Operation | None:
        """Let one that failed or was cancelled go on at its cursor, by turns of its job if it has one; None if there
        is none.
        """
        again = {OperationStatus.FAILED, OperationStatus.CANCELLED}
        return await self._change(
            operation_id, lambda o: o.status in again, status=OperationStatus.WAITING, failure=None
        )

    async def newest(
        self, limit: int = 20, *, owner: str | None = None, after: Position | None = None
    ) -> tuple[Sequence[Operation], Position | None]:
        """Operations, or those of an account, the newest first, at most `limit` (1 to 1,000); where the next page
        begins, or None at the end.
        """
        page = await self.store.query(replace(self.query(limit, owner=owner), after=after))
        return [Operation.of(item.attributes) for item in page.items], page.next

    def query(self, limit: int = 20, *, owner: str | None = None) -> Query:
        """What finds operations, or those of an account, the newest first."""
        if owner is None:
            return LONG_OPERATION.query("all", limit=limit, descending=True, scope="all")
        return LONG_OPERATION.query("owned", limit=limit, descending=True, owner=owner)

    async def _change(
        self,
        operation_id: str,
        may: Callable[[Operation], bool],
        *,
        found: Operation | None = None,
        **changes: Any,
    ) -> Operation | None:
        found = found or await self.find(operation_id)
        while found is not None and may(found):
            try:
                return await self.write(found, holder=None, held_until=0, **changes)
            except OperationLost:
                found = await self.find(operation_id)
        return found

    async def write(
        self,
        before: Operation,
        /,
        *,
        at: datetime | None = None,
        together: Writes | None = None,
        **changes: Any,
    ) -> Operation:
        """`before` with `changes`, written. Raises `OperationLost` where it is not as it was read any more.

        One that waits anew has its job asked for, at once or not before `at`. `together`: what is committed with it, and has no
        conditions of its own.
        """
        after, writes = self._changed(before, at, changes)
        try:
            await self.store.transact(writes + (together or Writes()))
        except ConditionFailed as error:
            raise OperationLost(
                f"operation {before.id} ({before.name}) was cancelled or taken over meanwhile; nothing was written"
            ) from error
        return after

    def _changed(
        self, before: Operation, at: datetime | None, changes: Mapping[str, Any]
    ) -> tuple[Operation, Writes]:
        now = self.clock.now()
        after = replace(before, revision=before.revision + 1, **changes)
        after = replace(after, finished_at=(after.finished_at or now) if after.status.ended else None)
        more: list[Write] = []
        if after.status is not before.status or now.timestamp() >= before.told_at + TOLD:
            after = replace(after, told_at=int(now.timestamp()))
            more.append(self.record(OperationUpdated(operation_id=after.id, status=after.status.value)))
        if after.job is not None and after.status is OperationStatus.WAITING is not before.status:
            more.append(self.later(after.job, {"operation": after.id}, at=at))
        unchanged = attribute("revision").equals(before.revision)
        return after, Writes([after.put(now, unchanged), *more])
