"""Work that was asked for, done at once: the table's tasks and a worker, for tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from colonnade.context import Clock
from colonnade.jobs import Jobs
from colonnade.store import Store
from colonnade.testing.memory_queue import MemoryQueue
from colonnade.work.dead_letters import DeadLetters
from colonnade.work.worker import Worker

_MOST: Final = 1_000


async def work(jobs: Jobs, store: Store, clock: Clock) -> Sequence[str]:
    """Do what is due, once each, with what that asks for at once; the names of the jobs, in order.

    What fails waits for its next attempt, which comes when the clock was advanced. Raises `TaskGivenUp` for what
    failed for the last time.
    """
    queue = MemoryQueue()
    letters, worker = DeadLetters(store, clock, queue), Worker(jobs, store, clock, queue, random=lambda: 0.0)
    done: list[str] = []
    seen: set[tuple[str, int]] = set()
    while True:
        now = int(clock.now().timestamp())
        due = [task for task in await letters.waiting(_MOST) if task.at <= now]
        fresh = [task for task in due if (task.id, task.revision) not in seen]
        if not fresh:
            return done
        for task in sorted(fresh, key=lambda task: (task.at, task.id)):
            seen.add((task.id, task.revision))
            done.append(task.job)
            await worker.work(task.id)
