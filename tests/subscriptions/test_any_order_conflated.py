"""Whatever the order in which processes run, fail and are killed: a conflated client ends up with the newest event."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from colonnade.publishing import Delivery
from colonnade.queues import Message, Queues
from tests.soak.cases import cases
from tests.subscriptions.interleaving import (
    Interleaving,
    StepConnections,
    StepLog,
    StepQueue,
    StepStore,
)
from tests.subscriptions.stage import ADA, Stage

LATEST = 'subscription { latest(creator: "ada") { sequence kind node { text } } }'
EVENTS = 8


class Play:
    """One run of the whole, in the order that `random` draws; time goes on meanwhile."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.order = Interleaving(random)
        self.stage = Stage()
        self.working: list[tuple[asyncio.Task[None], Message, bool]] = []
        self.kills = random.randrange(5)
        sockets = StepConnections(self.stage.sockets, self.order, faults=random.randrange(10))
        self.rough = replace(
            self.stage.ports_over(
                StepStore(self.stage.kept, self.order), sockets, StepLog(self.stage.log, self.order)
            ),
            queues=Queues(self.stage.deliveries, StepQueue(self.stage.tasks, self.order)),
        )

    async def run(self) -> None:
        """Let everything happen, then let the queues run dry."""
        stage, random = self.stage, self.random
        clients = [await stage.connect("eve", f"client-{n}") for n in range(3)]
        stage.use(self.rough)
        for client in clients[:2]:
            self.order.start(stage.follow(client, LATEST))
        while await self.order.step():
            pass
        left = EVENTS
        self.order.start(stage.follow(clients[2], LATEST))
        while True:
            if left and random.random() < 0.1:
                left -= 1
                await stage.publish(f"event {left}")
            if random.random() < 0.1:
                stage.clock.advance(random.choice([0.3, 1, 2]))
            if random.random() < 0.2:
                self.take()
            self.kill()
            if not await self.order.step():
                stage.clock.advance(1)
                if not self.take() and not left:
                    break
        assert self.order.failures == []
        head = await stage.log.head(ADA)
        for client in clients[:2]:
            assert max(self.sequences(client)) == head

    def sequences(self, client: str) -> list[int]:
        """The numbers of the events that a client was sent."""
        payloads = [message["payload"]["data"]["latest"] for message in self.stage.heard(client)]
        return [int(payload["sequence"]) for payload in payloads if payload["kind"] == "UPDATE"]

    def take(self) -> bool:
        """Set somebody to work on each message of the queues; whether there was any."""
        deliveries, tasks = self.stage.deliveries.take(), self.stage.tasks.take()
        for message in deliveries:
            self.work(message, task=False)
        for message in tasks:
            self.work(message, task=True)
        return bool(deliveries or tasks)

    def work(self, message: Message, *, task: bool) -> None:
        work = self.stage.work(message) if task else self.stage.deliverer.deliver(Delivery.of(message.body))
        self.working.append((self.order.start(work), message, task))

    def kill(self) -> None:
        """End a process, perhaps; its message is seen again."""
        self.working = [entry for entry in self.working if not entry[0].done()]
        if self.kills and self.working and self.random.random() < 0.05:
            self.kills -= 1
            actor, message, task = self.working.pop(self.random.randrange(len(self.working)))
            actor.cancel()
            self.work(message, task=task)


@cases(40)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_the_newest_event_reaches_everybody_in_the_end(seed: int) -> None:
    asyncio.run(Play(Random(seed)).run())
