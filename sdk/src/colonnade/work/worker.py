"""A worker: does tasks, tries again what fails, and gives up what fails too often.

A task is taken by a conditional write that counts the attempt, so that one which kills its worker is given up as well.
Whoever was killed has the task no longer once its time is over; the sweep then brings it to another.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import SystemRandom
from typing import TYPE_CHECKING, Any, Final

from colonnade.conditions import absent, attribute
from colonnade.errors import (
    ConditionFailed,
    GiveUp,
    QueueUnavailable,
    StoreConflict,
    TaskGivenUp,
    UnknownJob,
    message_of,
)
from colonnade.jobs import Job, Jobs
from colonnade.leases import Leases
from colonnade.queues import Queue
from colonnade.store import Store, Write, Writes
from colonnade.telemetry.record import happened
from colonnade.work.bringing import message_of as message_for
from colonnade.work.rows import ONCE, TASK
from colonnade.work.tasks import LONGEST_DELAY, Task, look_at

if TYPE_CHECKING:
    from colonnade.context import Clock

MARGIN: Final = 30
"""Seconds beyond its budget for which a worker has a task to itself."""

REMEMBERED: Final = timedelta(hours=48)
"""How long a key stands for the first of its tasks that was begun."""

UNKNOWN_TRIES: Final = 7
"""Pauses that a task of an unknown job is given, for a worker that knows it: over two hours in all."""

UNKNOWN_PAUSE: Final = 60
"""Seconds of the first of these pauses; each is twice as long as the one before."""

MOST_REASON: Final = 1_000
WAITING: Final = 15
"""Seconds after which a turn looks again whether another of its job has ended."""

_FRESH_READS: Final = 5

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Worker:
    """Does tasks. `queue`: where a next attempt waits; `hide`: a text without secrets; `random`: from 0 to below 1."""

    jobs: Jobs
    store: Store
    clock: Clock
    queue: Queue
    hide: Callable[[str], str] = str
    random: Callable[[], float] = field(default=SystemRandom().random, repr=False)

    async def work(self, task_id: str) -> None:
        """Do a task that a message brought, unless it is done, in other hands, or not due yet.

        Never raises what the job does. Raises `TaskGivenUp` for a dead letter, and `StoreError`.
        """
        for _ in range(_FRESH_READS):
            item = await self.store.get(TASK.key(id=task_id))
            if item is None or await self._tried(Task.of(item.attributes)):
                return

    async def _tried(self, task: Task) -> bool:
        """Do a task that was read; False where somebody changed it in between."""
        if task.dead_at is not None:
            raise TaskGivenUp(
                f"task {task.id} of {task.job} was given up: {task.reason}. `colonnade jobs replay {task.id}` has "
                "it done again"
            )
        now = self._now()
        if task.held_until > now:
            return True
        if task.at > now:
            await self._send(task, now)
            return True
        try:
            await self._begin(task)
        except ConditionFailed:
            return False
        return True

    async def bury(self, task: Task, reason: str) -> None:
        """Keep a dead letter of something that was no task yet; keeping it again changes nothing."""
        now = self._now()
        dead = Task(
            task.id, task.job, task.arguments, None, task.at, None, task.asked_at, dead_at=now,
            reason=self._reason(reason),
        )  # fmt: skip
        try:
            await self.store.transact(Writes([dead.put()]))
        except ConditionFailed:
            return

    async def _begin(self, task: Task) -> None:
        found = self.jobs.find(task.job)
        if found is None:
            await self._unknown(task)
            return
        _, job = found
        if task.attempts > job.retries:
            raise await self._dead(task, GiveUp(task.reason or "its worker ended each time without a word"))
        await self._attempt(task, job)

    async def _attempt(self, task: Task, job: Job) -> None:
        until = self._now() + int(self.jobs.budget) + MARGIN
        taken, take = task.changed(held_until=until, look=until, attempts=task.attempts + 1)
        writes: list[Write] = [take]
        if task.key is not None:
            mine = absent() | attribute("task").equals(task.id)
            expires_at = self._now() + int(REMEMBERED.total_seconds())
            attributes = {"job": task.job, "key": task.key, "task": task.id}
            writes.append(ONCE.put(attributes, condition=mine, expires_at=expires_at))
        leases = Leases(self.store, self.clock, int(self.jobs.budget) + MARGIN)
        alone = f"job:{job.name}"
        if job.overlap != "allow":
            # Of two workers that a task was brought to, the one that did not get it must not end the lease of the other.
            writes.append(leases.taking(alone, task.id))
        try:
            await self.store.transact(Writes(writes))
        except ConditionFailed as error:
            if 0 in error.failed or not error.failed:
                raise
            if task.key is not None and 1 in error.failed:
                await self._drop(task, "Another task has its key")
            else:
                await self._overlapping(task, job)
            return
        try:
            await self._run(taken, job)
        finally:
            if job.overlap != "allow":
                await leases.give_back(alone, task.id)

    async def _run(self, task: Task, job: Job) -> None:
        try:
            await self.jobs.run(task.job, task.arguments, task.id)
        except Exception as error:
            await self._failed(task, job, error)
        else:
            await self._finish(task)

    async def _failed(self, task: Task, job: Job, error: Exception) -> None:
        if isinstance(error, GiveUp) or task.attempts > job.retries:
            raise await self._dead(task, error)
        pause = max(1, round(job.pause(task.attempts, self.random).total_seconds()))
        await self._wait(task, pause, reason=self._reason(message_of(error)))

    async def _unknown(self, task: Task) -> None:
        """A job that no plugin here declares: while versions are exchanged, another worker may know it."""
        unknown = UnknownJob(f"no plugin here declares the job {task.job!r}")
        if task.unknown >= UNKNOWN_TRIES:
            raise await self._dead(task, unknown)
        await self._wait(
            task, UNKNOWN_PAUSE << task.unknown, unknown=task.unknown + 1, reason=self._reason(str(unknown))
        )

    async def _overlapping(self, task: Task, job: Job) -> None:
        """Another turn of the job is at work."""
        if job.overlap == "skip":
            await self._drop(task, "Another turn of its job is at work")
        else:
            await self._wait(task, WAITING)

    async def _wait(self, task: Task, seconds: int, **changes: Any) -> None:
        """Have it done in so many seconds."""
        now = self._now()
        at = now + seconds
        waiting, wait = task.changed(at=at, look=look_at(at, now), held_until=0, **changes)
        await self._write(wait)
        await self._send(waiting, now)

    async def _dead(self, task: Task, error: Exception) -> TaskGivenUp:
        """Make it a dead letter; what to raise."""
        reason = self._reason(message_of(error))
        dead, write = task.changed(look=None, held_until=0, dead_at=self._now(), reason=reason)
        await self._bury(task, write, reason)
        # The reason is in the letter: it may repeat what a client sent.
        fields: Mapping[str, Any] = {"job": task.job, "task": task.id, "attempts": task.attempts}
        happened("TasksDead")
        _log.error("A job was given up", extra={"fields": {**fields, "kind": type(error).__name__}})
        return TaskGivenUp(f"task {dead.id} of {dead.job} was given up: {reason}")

    async def _bury(self, task: Task, letter: Write, reason: str) -> None:
        """Write the letter, and end the task's operation with it: nobody looks at the operation of a letter again."""
        operation = task.arguments.get("operation")
        operations = self.jobs.make_context(task.id).operations
        for _ in range(_FRESH_READS):
            found = await operations.find(operation) if isinstance(operation, str) else None
            failing = Writes() if found is None else operations.failing(found, reason)
            try:
                await self.store.transact(Writes([letter]) + failing)
            except ConditionFailed as error:
                if 0 in error.failed:
                    return  # it took so long that another has the task
            else:
                return
        raise StoreConflict(
            f"the operation of task {task.id} changes all the time; it is given up at the next attempt"
        )

    async def _drop(self, task: Task, why: str) -> None:
        await self._finish(task)
        _log.info("A task is left out", extra={"fields": {"job": task.job, "task": task.id, "why": why}})

    async def _finish(self, task: Task) -> None:
        await self._write(TASK.delete(id=task.id, condition=task.unchanged))

    async def _write(self, write: Write) -> None:
        try:
            await self.store.transact(Writes([write]))
        except ConditionFailed:
            return  # it took so long that another has the task

    async def _send(self, task: Task, now: int) -> None:
        if task.at - now > LONGEST_DELAY:
            return
        try:
            await self.queue.send([message_for(task, now)])
        except QueueUnavailable:
            _log.warning("The queue did not take the next attempt; the sweep brings it", exc_info=True)

    def _reason(self, reason: str) -> str:
        return self.hide(reason)[:MOST_REASON]

    def _now(self) -> int:
        return int(self.clock.now().timestamp())
