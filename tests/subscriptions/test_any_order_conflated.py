"""Whatever the order in which processes run, fail and are killed: a conflated client ends up with the newest event."""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.subscriptions import delivery
from tests.soak.cases import cases
from tests.subscriptions.stage import ADA
from tests.subscriptions.workers import Workers

LATEST = 'subscription { latest(creator: "ada") { sequence kind node { text } } }'
EVENTS = 8


class Play:
    """One run of the whole, in the order that `random` draws; time goes on meanwhile."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.workers = Workers(random, kills=random.randrange(5), faults=random.randrange(10))
        self.stage, self.order = self.workers.stage, self.workers.order

    async def run(self) -> None:
        """Let everything happen, then let the queues run dry."""
        stage, random = self.stage, self.random
        clients = [await stage.connect("eve", f"client-{n}") for n in range(3)]
        stage.use(self.workers.rough)
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
                self.workers.take()
            self.workers.kill()
            if not await self.order.step():
                stage.clock.advance(1)
                if not self.workers.take() and not left:
                    break
        assert self.order.failures == []
        head = await stage.log.head(ADA)
        for client in clients[:2]:
            assert max(self.sequences(client)) == head

    def sequences(self, client: str) -> list[int]:
        """The numbers of the events that a client was sent."""
        payloads = [message["payload"]["data"]["latest"] for message in self.stage.heard(client)]
        return [int(payload["sequence"]) for payload in payloads if payload["kind"] == "UPDATE"]


@cases(40)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_the_newest_event_reaches_everybody_in_the_end(seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery, "PLACES", Random(seed).choice([1, 500]))
        asyncio.run(Play(Random(seed)).run())
