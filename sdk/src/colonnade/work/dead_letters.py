"""Dead letters: tasks that were given up, kept with who asked, why they failed and when, until somebody decides."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from colonnade.errors import ConditionFailed
from colonnade.queues import Queue
from colonnade.store import Store, Writes
from colonnade.work.bringing import message_of
from colonnade.work.rows import TASK
from colonnade.work.tasks import BROUGHT_BY_STREAM, MAX_NAME, SHARDS, Task

if TYPE_CHECKING:
    from colonnade.context import Clock


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The dead letters of a deployment. `queue`: where those that are replayed go."""

    store: Store
    clock: Clock
    queue: Queue

    async def newest(self, limit: int = 100) -> Sequence[Task]:
        """The newest of them, at most `limit` (1 to 1,000), the newest first; those of another kind look alike."""
        return await self._listed("dead", limit, descending=True)

    async def waiting(self, limit: int = 100) -> Sequence[Task]:
        """Tasks that are to be done or at work, at most `limit` (1 to 1,000), in the order in which they are looked at."""
        return await self._listed("due", limit, descending=False)

    async def find(self, task_id: str) -> Task | None:
        """A dead letter by its id, read consistently; None where there is none."""
        item = await self.store.get(TASK.key(id=task_id))
        found = None if item is None else Task.of(item.attributes)
        return None if found is None or found.dead_at is None else found

    async def replay(self, dead: Task) -> bool:
        """Have it done again, with all its attempts; whether it was still there as it was read.

        Raises `QueueUnavailable` where it is only brought by the next minute's tick.
        """
        now = int(self.clock.now().timestamp())
        look = now + BROUGHT_BY_STREAM
        alive, write = dead.changed(at=now, look=look, attempts=0, held_until=0, dead_at=None, unknown=0)
        if not await self._wrote(Writes([write])):
            return False
        await self.queue.send([message_of(alive, now)])
        return True

    async def drop(self, dead: Task) -> bool:
        """Forget it; whether it was still there as it was read."""
        return await self._wrote(Writes([TASK.delete(id=dead.id, condition=dead.unchanged)]))

    async def _wrote(self, writes: Writes) -> bool:
        try:
            await self.store.transact(writes)
        except ConditionFailed:
            return False
        return True

    async def _listed(self, index: str, limit: int, *, descending: bool) -> Sequence[Task]:
        queries = (
            TASK.query(index, limit=limit, descending=descending, shard=shard) for shard in range(SHARDS)
        )
        pages = await asyncio.gather(*(self.store.query(query) for query in queries))
        tasks = [Task.of(item.attributes) for page in pages for item in page.items]
        tasks.sort(key=lambda task: (task.dead_at or task.look or 0, task.id), reverse=descending)
        return tasks[:limit]


def dead_letter(letter_id: str, asked: Mapping[str, Any], now: datetime) -> Task | None:
    """The dead letter of a job that a message asked for itself; None where that names none."""
    job, arguments = asked.get("job"), asked.get("arguments", {})
    if not isinstance(job, str) or not isinstance(arguments, dict) or not 0 < len(job) <= MAX_NAME:
        return None
    second = int(now.timestamp())
    return Task(letter_id, job, arguments, None, second, None, second)
