"""The schedule: which jobs are due, found anew each minute from what plugins declare.

Something asks each minute, EventBridge or a thread, and knows nothing of jobs: one that comes with a plugin changes
no template. A turn of a job that comes every so often is a whole multiple of that time since 1970, so that a job of a
day runs at midnight UTC; other jobs have a cron expression on the clock of a time zone.

A turn is asked for by one transaction, which moves the job's last turn forward and writes the task. So each turn is
asked for once, however many ticks come at once, and a queue that is down for an hour loses none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast

from colonnade.conditions import absent, attribute
from colonnade.entities import Entity
from colonnade.errors import ConditionFailed
from colonnade.jobs import MOST_MISSED, Job
from colonnade.plugin import PROJECT
from colonnade.queues import Queue
from colonnade.store import MAX_KEYS, Item, Key, Store, Writes
from colonnade.work.bringing import TaskCarrier, message_of
from colonnade.work.tasks import BROUGHT_BY_STREAM, Task

if TYPE_CHECKING:
    from colonnade.context import Clock

ASKED: Final = Entity(
    PROJECT, "JobAsked", partition="{job}", serves=("the last turn of a job that the schedule asked for",)
)

AHEAD: Final = 3_600
"""Seconds: a turn that was noted further in the future than this was noted by a clock that was wrong."""

LATE: Final = 120
"""Seconds after which a turn counts as missed."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Jobs that are asked for by the clock. `queue`: whose workers do them; `begin`: what comes before the first turn of
    any job on a new table, and again until that turn was noted.
    """

    jobs: Sequence[Job]
    store: Store
    clock: Clock
    queue: Queue
    begin: Callable[[], Awaitable[None]] | None = None

    async def tick(self) -> Sequence[str]:
        """Ask for each turn that has come, and bring each task whose time has come; the names of the jobs asked for.

        One read for a hundred jobs, one transaction for each that is due, and one query for each part of the index of
        tasks. A tick that comes twice, or two at once, ask for nothing twice. A clock that goes back brings no turn
        again, unless it was more than `AHEAD` seconds ahead. Raises `QueueUnavailable` and `StoreError`; what was asked
        for is then brought by a later tick.
        """
        now = int(self.clock.now().timestamp())
        asked = await self._asked([job.name for job in self.jobs])
        if self.jobs and not asked and self.begin is not None:
            await self.begin()
        found = await asyncio.gather(
            *(self._ask(job, asked.get(job.name), now) for job in self.jobs), return_exceptions=True
        )
        tasks = [task for turns in found if not isinstance(turns, BaseException) for task in turns]
        if tasks:
            await self.queue.send([message_of(task, now) for task in tasks])
        await TaskCarrier(self.store, self.clock, self.queue).sweep()
        for failure in found:
            if isinstance(failure, BaseException):
                raise failure
        return [task.job for task in tasks]

    async def _asked(self, names: Sequence[str]) -> Mapping[str, int]:
        keys = {ASKED.key(job=name): name for name in names}
        wanted = list(keys)
        found: dict[Key, Item] = {}
        for start in range(0, len(wanted), MAX_KEYS):
            found.update(await self.store.batch_get(wanted[start : start + MAX_KEYS]))
        return {keys[key]: cast(int, item.attributes["at"]) for key, item in found.items()}

    async def _ask(self, job: Job, noted: int | None, now: int) -> Sequence[Task]:
        """Note the job's last turn, and write the tasks of those that are to be done; these tasks."""
        last = None if noted is None or noted > now + AHEAD else noted
        turns = turns_of(job, last, now)
        if not turns and (last is not None or job.cron is None):
            return []
        tasks = [_task(job, turn, now) for turn in _wanted(job, turns, now)]
        # A job of the calendar that was never seen before waits for its next turn.
        note = ASKED.put(
            {"job": job.name, "at": turns[-1] if turns else now},
            condition=absent() if noted is None else attribute("at").equals(noted),
        )
        try:
            await self.store.transact(Writes([note, *(task.put() for task in tasks)]))
        except ConditionFailed:
            return []  # another tick was faster
        left_out = len(turns) - len(tasks)
        if left_out:
            _log.info("Turns were missed", extra={"fields": {"job": job.name, "leftOut": left_out}})
        return tasks


def turns_of(job: Job, last: int | None, now: int) -> Sequence[int]:
    """The turns of a job after its `last` one up to `now`, in order, the newest `MOST_MISSED`; epoch seconds.

    Where there was none before, that is the present turn of a job of every so often, and none of the calendar's.
    """
    if job.every is not None:
        seconds = int(job.every.total_seconds())
        newest = now - now % seconds
        first = newest if last is None else last - last % seconds + seconds
        return range(max(first, newest - (MOST_MISSED - 1) * seconds), newest + 1, seconds)
    if job.cron is None or last is None or last >= now:
        return []
    from colonnade.work.cron import Cron  # noqa: PLC0415 - few jobs have one

    after, until = (datetime.fromtimestamp(second, UTC) for second in (last, now))
    found = Cron.parse(job.cron, job.time_zone).between(after, until, MOST_MISSED)
    return [int(turn.timestamp()) for turn in found]


def _wanted(job: Job, turns: Sequence[int], now: int) -> Sequence[int]:
    """Which turns are to be done."""
    match job.missed:
        case "each":
            return turns[-MOST_MISSED + 1 :]  # the note is a write too
        case "once":
            return turns[-1:]
        case "skip":
            return [turn for turn in turns[-1:] if turn > now - LATE]


def _task(job: Job, turn: int, now: int) -> Task:
    arguments = {"turn": datetime.fromtimestamp(turn, UTC).isoformat().replace("+00:00", "Z")}
    return Task(
        f"turn_{job.name}_{turn}", job.name, arguments, None, now, now + BROUGHT_BY_STREAM, now, sent=True
    )
