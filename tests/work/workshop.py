"""Jobs on memory, or on any store: what is asked for, carried and done, step by step, on a clock that stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from colonnade.context import Clock, Context
from colonnade.cursors import CursorSigner
from colonnade.jobs import Job, Jobs
from colonnade.permissions import Principal
from colonnade.queues import Message
from colonnade.schedule import Schedule
from colonnade.services import Services
from colonnade.store import Put, Store, Writes
from colonnade.testing import FrozenClock, MemoryStore, ScriptedChains, SequentialIds
from colonnade.testing.memory_queue import MemoryQueue
from colonnade.work.bringing import TaskCarrier
from colonnade.work.dead_letters import DeadLetters
from colonnade.work.rows import TASK
from colonnade.work.tasks import Task
from colonnade.work.worker import Worker

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Workshop:
    """`done`: the arguments of each turn that succeeded; a job fails as long as `trouble` holds something to raise."""

    def __init__(
        self, *jobs: Job, store: Store | None = None, budget: float = 60.0, clock: Clock | None = None
    ) -> None:
        self.clock: Clock = clock or FrozenClock(NOON)
        self.store: Store = store or MemoryStore(self.clock)
        self.ids = SequentialIds(self.clock)
        self.queue = MemoryQueue()
        self.done: list[Mapping[str, Any]] = []
        self.trouble: list[Exception] = []
        self.jobs = Jobs([("shop", job) for job in (*jobs, Job("shop.do", self.do))], self.context, budget)
        self.worker = Worker(
            self.jobs,
            self.store,
            self.clock,
            self.queue,
            lambda text: text.replace("s3cret", "…"),
            lambda: 0.0,
        )
        self.carrier = TaskCarrier(self.store, self.clock, self.queue)
        self.schedule = Schedule(self.jobs.scheduled, self.store, self.clock, self.queue)
        self.letters = DeadLetters(self.store, self.clock, self.queue)

    async def do(self, context: Context, arguments: Mapping[str, Any]) -> None:
        if self.trouble:
            raise self.trouble.pop(0)
        self.done.append(arguments)

    def context(self, request_id: str, principal: Principal | None = None) -> Context:
        return Context(
            request_id=request_id,
            store=self.store,
            chains=ScriptedChains(),
            services=Services({}),
            clock=self.clock,
            ids=self.ids,
            cursors=CursorSigner(b"k" * 32),
            principal=principal,
        )

    async def ask(
        self, job: str = "shop.do", arguments: Mapping[str, Any] | None = None, **more: Any
    ) -> Task:
        """Ask for work as a plugin does, and bring it as the stream does."""
        put = self.context("request-1", Principal("ada")).later(job, arguments or {}, **more)
        assert isinstance(put, Put)
        await self.store.transact(Writes([put]))
        task = Task.of(put.item.attributes)
        await self.carrier.bring_new([task])
        return task

    async def work(self, messages: Sequence[Message] | None = None) -> list[str]:
        """Do what the queue holds, delays or not; what was said of what it could not do."""
        said: list[str] = []
        for message in self.queue.take() if messages is None else messages:
            try:
                await self.worker.work(message.body["task"])
            except Exception as error:
                said.append(str(error))
        return said

    async def find(self, task: Task) -> Task | None:
        item = await self.store.get(TASK.key(id=task.id))
        return None if item is None else Task.of(item.attributes)

    def pass_(self, seconds: float) -> None:
        assert isinstance(self.clock, FrozenClock)
        self.clock.advance(timedelta(seconds=seconds))
