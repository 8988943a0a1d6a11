"""How tasks reach the queue of jobs: new ones as they are written, and others when their time has come."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from colonnade.errors import ConditionFailed
from colonnade.queues import Message, Queue
from colonnade.store import Query, SortRange, Store, Writes
from colonnade.work.rows import TASK
from colonnade.work.tasks import LONGEST_DELAY, SHARDS, Task

if TYPE_CHECKING:
    from colonnade.context import Clock

AGAIN: Final = 900
"""Seconds after which a task is brought again that nobody has begun: a queue may be slow without being forgetful."""

_PAGE: Final = 100
_MOST_PAGES: Final = 10

_log = logging.getLogger(__name__)


def message_of(task: Task, now: int) -> Message:
    """The message that brings a task to a worker when it is due. `now`: epoch seconds."""
    delay = min(max(0, task.at - now), LONGEST_DELAY)
    trace = {} if task.traceparent is None else {"traceparent": task.traceparent}
    return Message({"task": task.id, "job": task.job, **trace}, delay_seconds=delay)


@dataclass(frozen=True, slots=True)
class TaskCarrier:
    """Brings tasks to `queue`."""

    store: Store
    clock: Clock
    queue: Queue

    async def bring_new(self, tasks: Sequence[Task]) -> None:
        """Bring tasks that were just written, but for those that wait longer than a queue does.

        Raises `QueueUnavailable`; bringing them again is harmless.
        """
        now = self._now()
        near = [task for task in tasks if not task.sent and task.at - now <= LONGEST_DELAY]
        if near:
            await self.queue.send([message_of(task, now) for task in near])

    async def sweep(self) -> int:
        """Bring what is due and what was not begun in time; how many that were.

        One query for each of `SHARDS` parts of the table's index, and one write for each task that is brought; never a
        scan. Raises `QueueUnavailable` and `StoreError`; the next sweep finds what is left.
        """
        return sum(await asyncio.gather(*(self._shard(shard) for shard in range(SHARDS))))

    async def _shard(self, shard: int) -> int:
        now, brought = self._now(), 0
        query = TASK.query("due", sort=SortRange(high=f"{now:012d}0"), limit=_PAGE, shard=shard)
        for _ in range(_MOST_PAGES):
            page = await self.store.query(query)
            tasks = [Task.of(item.attributes) for item in page.items]
            if tasks:
                await self.queue.send([message_of(task, now) for task in tasks])
                await asyncio.gather(*(self._note(task, now) for task in tasks))
                brought += len(tasks)
            if page.next is None:
                return brought
            query = Query(query.partition, query.index, query.sort, query.limit, after=page.next)
        _log.warning("More tasks are due than one sweep brings", extra={"fields": {"shard": shard}})
        return brought

    async def _note(self, task: Task, now: int) -> None:
        _, noted = task.changed(look=max(now, task.at) + AGAIN)
        try:
            await self.store.transact(Writes([noted]))
        except ConditionFailed:
            return  # a worker has it

    def _now(self) -> int:
        return int(self.clock.now().timestamp())
