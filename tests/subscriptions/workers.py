"""Whoever works on the queues, and is killed at it, among everybody else whose order is drawn."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random

from colonnade.publishing import Delivery
from colonnade.queues import Message, Queues
from tests.subscriptions.interleaving import (
    Interleaving,
    StepConnections,
    StepLog,
    StepQueue,
    StepStore,
)
from tests.subscriptions.stage import Stage


class Workers:
    """Deliverers and those who work on tasks, on a stage of their own.

    `kills`: how many of them may be killed; `faults`: how many posts may fail. `rough` are ports at each step of which
    somebody else may go on.
    """

    def __init__(self, random: Random, *, kills: int, faults: int) -> None:
        self.order = Interleaving(random)
        self.stage = Stage()
        self._random = random
        self._kills = kills
        self._working: list[tuple[asyncio.Task[None], Message, bool]] = []
        self.rough = replace(
            self.stage.ports_over(
                StepStore(self.stage.kept, self.order),
                StepConnections(self.stage.sockets, self.order, faults=faults),
                StepLog(self.stage.log, self.order),
            ),
            queues=Queues(self.stage.deliveries, StepQueue(self.stage.tasks, self.order)),
        )

    def take(self, *, twice: bool = False) -> bool:
        """Set somebody to work on each message of the queues, two on a delivery if `twice`; whether there was any."""
        deliveries, tasks = self.stage.deliveries.take(), self.stage.tasks.take()
        for message in deliveries * (2 if twice else 1):
            self._work(message, task=False)
        for message in tasks:
            self._work(message, task=True)
        return bool(deliveries or tasks)

    def kill(self) -> None:
        """End a process, perhaps; its message is seen again."""
        self._working = [entry for entry in self._working if not entry[0].done()]
        if self._kills and self._working and self._random.random() < 0.05:
            self._kills -= 1
            actor, message, task = self._working.pop(self._random.randrange(len(self._working)))
            actor.cancel()
            self._work(message, task=task)

    def _work(self, message: Message, *, task: bool) -> None:
        work = self.stage.work(message) if task else self.stage.deliverer.deliver(Delivery.of(message.body))
        self._working.append((self.order.start(work), message, task))
