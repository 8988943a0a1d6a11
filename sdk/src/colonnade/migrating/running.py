"""A migration at work: page after page at a bounded rate, its place kept, so that a kill loses one page at most.

Its `Operation` holds the place, the counts and the lease; rows it could not change are kept with their reasons.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Self, cast

from colonnade.errors import ColonnadeError, StoreConflict, StoreUnavailable, message_of
from colonnade.kept_data import KeptData
from colonnade.migrating.changing import Outcome, change_row
from colonnade.migrating.rows import MIGRATION, MIGRATION_FAILURE
from colonnade.migrations import Migration
from colonnade.scanning import Scanner
from colonnade.store import Item, Key, Store, Writes

if TYPE_CHECKING:
    from colonnade.context import Context
    from colonnade.work.operations import Operation, Running

OPERATION: Final = "colonnade.migrate"
"""The name of the operations that carry out migrations; the migration's own name is their key."""

PAGE: Final = 200
"""Rows that are read between two notes of the place."""

_AT_ONCE: Final = 8
_FAILURES_KEPT: Final = timedelta(days=30)
_MOST_REASON: Final = 500


class MigrationBusy(ColonnadeError):
    """Another runner has the migration in hand."""

    code = "CONFLICT"


class MigrationStopped(ColonnadeError):
    """A row could not be changed, and the migration declares that it then stops."""

    code = "CONFLICT"


@dataclass(slots=True)
class Progress:
    """How far a migration is: rows read (of all entities), changed, and failed."""

    read: int = 0
    changed: int = 0
    failed: int = 0
    after: Key | None = None

    @classmethod
    def of(cls, cursor: Any) -> Self:
        """The progress that an operation keeps."""
        if cursor is None:
            return cls()
        after = cursor["after"]
        return cls(
            cursor["read"], cursor["changed"], cursor["failed"], None if after is None else Key(*after)
        )

    @property
    def cursor(self) -> dict[str, Any]:
        after = None if self.after is None else [self.after.partition, self.after.sort]
        return {"read": self.read, "changed": self.changed, "failed": self.failed, "after": after}

    def __str__(self) -> str:
        return f"{self.changed} changed, {self.failed} failed, {self.read} rows read"


@dataclass(frozen=True, slots=True)
class Migrator:
    """Carries out migrations. `holder`: this runner's own name; `rate`: rows read in a second, in the place of what a
    migration declares; `tell`: hears of each page; `sleep` and `clock`: seconds."""

    context: Context
    scanner: Scanner
    holder: str
    rate: int | None = None
    tell: Callable[[Migration, Progress], None] = lambda migration, progress: None
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic

    async def run(self, migration: Migration) -> Progress:
        """Carry a migration out, or what is left of it.

        Raises `MigrationBusy`, `MigrationStopped`, `OperationLost` where another took over, and `StoreError`; what was
        done stays done, and the next run goes on there.
        """
        operations = self.context.operations
        note = migration.summary
        operation = await operations.start(OPERATION, key=migration.name, note=note)
        if operation.status.ended:
            await operations.reopen(operation.id)
        running = await operations.take(operation.id, self.holder)
        if running is None:
            raise MigrationBusy(
                f"{migration.name} is being carried out by another runner; if that was killed, try again in 90 seconds"
            )
        try:
            return await self._work(migration, running)
        except MigrationStopped as error:
            await running.fail(str(error))
            raise

    async def dry_run(self, migration: Migration) -> Progress:
        """What a run would change, from the beginning; nothing is written."""
        progress = Progress()
        while True:
            began = self.clock()
            page = await self.scanner.scan(
                migration.entity, after=progress.after, limit=self._page(migration)
            )
            for item in page.items:
                await self._count(migration, item, progress, dry=True)
            progress.read, progress.after = progress.read + page.read, page.next
            self.tell(migration, progress)
            if page.next is None:
                return progress
            await self._rest(migration, page.read, began)

    async def _work(self, migration: Migration, running: Running) -> Progress:
        progress = Progress.of(running.operation.cursor)
        while True:
            began = self.clock()
            page = await self.scanner.scan(
                migration.entity, after=progress.after, limit=self._page(migration)
            )
            for start in range(0, len(page.items), _AT_ONCE):
                together = page.items[start : start + _AT_ONCE]
                ended = await asyncio.gather(
                    *(self._count(migration, item, progress, dry=False) for item in together),
                    return_exceptions=True,
                )
                for failure in ended:
                    if failure is not None:
                        raise failure
            progress.read, progress.after = progress.read + page.read, page.next
            self.tell(migration, progress)
            if page.next is None:
                return await self._finish(migration, running, progress)
            await running.advance(progress.read, note=str(progress), cursor=progress.cursor)
            await self._rest(migration, page.read, began)

    async def _count(self, migration: Migration, item: Item, progress: Progress, *, dry: bool) -> None:
        try:
            outcome = await change_row(self.context.store, migration, item, dry=dry)
        except (StoreUnavailable, StoreConflict):
            raise
        except Exception as error:
            progress.failed += 1
            if dry:
                return
            await self._note(migration, item, error)
            if migration.on_failure == "stop":
                raise MigrationStopped(
                    f"{migration.name} stopped at {item.key.partition} {item.key.sort}: {message_of(error)}. "
                    "Mend the row or the migration, and run it again"
                ) from error
        else:
            progress.changed += outcome is Outcome.CHANGED

    async def _note(self, migration: Migration, item: Item, error: Exception) -> None:
        now = self.context.clock.now()
        reason = f"{type(error).__name__}: {message_of(error)}"[:_MOST_REASON]
        row = {
            "name": migration.name,
            "row": f"{item.key.partition} {item.key.sort}"[:900],
            "reason": reason,
            "at": now.isoformat(),
        }
        failure = MIGRATION_FAILURE.put(row, expires_at=int((now + _FAILURES_KEPT).timestamp()))
        await self.context.store.transact(Writes([failure]))

    async def _finish(self, migration: Migration, running: Running, progress: Progress) -> Progress:
        """With rows that failed it is not done: the next run begins anew, and passes over those that were changed."""
        if progress.failed:
            again = Progress()
            await running.advance(progress.read, note=str(progress), cursor=again.cursor)
            await running.fail(f"{progress.failed} rows could not be changed; their reasons are kept 30 days")
            return progress
        done = MIGRATION.put({"name": migration.name, "done_at": self.context.clock.now().isoformat()})
        await running.succeed(str(progress), together=Writes([done]))
        return progress

    def _page(self, migration: Migration) -> int:
        return min(PAGE, self.rate or migration.rate)

    async def _rest(self, migration: Migration, read: int, began: float) -> None:
        left = read / (self.rate or migration.rate) - (self.clock() - began)
        if left > 0:
            await self.sleep(left)


async def pending(context: Context) -> Sequence[tuple[str, Migration]]:
    """The declared migrations that are not done, each with its plugin, in the order in which they can be run."""
    return await pending_of(context.store, context.services.get(KeptData).migrations)


async def pending_of(
    store: Store, declared: Sequence[tuple[str, Migration]]
) -> Sequence[tuple[str, Migration]]:
    """Those of `declared` that are not done, as `store` says, in the order in which they can be run."""
    keys = {migration.name: MIGRATION.key(name=migration.name) for _, migration in declared}
    done: set[Key] = set()
    wanted = list(keys.values())
    for start in range(0, len(wanted), 100):
        done |= set(await store.batch_get(wanted[start : start + 100]))
    left = [(plugin, migration) for plugin, migration in declared if keys[migration.name] not in done]
    return in_order(left)


async def nothing_to_migrate(context: Context) -> None:
    """Note all declared migrations as done: on a new table, whose rows only the present version has written."""
    done_at = context.clock.now().isoformat()
    for _, migration in await pending(context):
        await context.store.transact(Writes([MIGRATION.put({"name": migration.name, "done_at": done_at})]))


def in_order(migrations: Sequence[tuple[str, Migration]]) -> Sequence[tuple[str, Migration]]:
    """Those first that others need. Raises `ValueError` where they need one another."""
    waiting = {migration.name: (plugin, migration) for plugin, migration in migrations}
    ordered: list[tuple[str, Migration]] = []
    while waiting:
        ready = [name for name, (_, m) in waiting.items() if not any(need in waiting for need in m.needs)]
        if not ready:
            raise ValueError(f"these migrations need one another: {', '.join(sorted(waiting))}")
        ordered += [waiting.pop(name) for name in ready]
    return ordered


async def operation_of(context: Context, migration: Migration) -> Operation | None:
    """How far a migration is, if anybody ever began it."""
    from colonnade.work.operations import id_of  # noqa: PLC0415 - as the rest of operations

    return await context.operations.find(id_of(OPERATION, migration.name))


async def failures(context: Context, migration: Migration) -> Sequence[tuple[str, str]]:
    """The first hundred rows that a migration could not change, each with the reason."""
    page = await context.store.query(MIGRATION_FAILURE.query(name=migration.name))
    return [(cast(str, item.attributes["row"]), cast(str, item.attributes["reason"])) for item in page.items]
