"""Whatever the order in which processes run, fail and are killed: a client's stream equals the log.

Processes here are clients that subscribe, resume, complete and leave, deliverers of which several work on one topic,
and workers that catch up. At each step of the store, the log, the sockets and the queues another one may go on.
"""

from __future__ import annotations

import asyncio
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from colonnade.subscriptions import delivery
from colonnade.subscriptions.occurrences import cursor_scope
from colonnade.subscriptions.rows import SUBSCRIBER, SUBSCRIPTION
from tests.soak.cases import cases
from tests.subscriptions.stage import ADA, APPLAUDED, CURSORS, sequence
from tests.subscriptions.workers import Workers

SO_FAR = 'subscription { applaudedSoFar(creator: "ada") { cursor node { text } } }'
EVENTS = 9


class Play:
    """One run of the whole, in the order that `random` draws."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.workers = Workers(random, kills=random.randrange(6), faults=random.randrange(12))
        self.stage, self.order = self.workers.stage, self.workers.order

    async def run(self) -> None:
        """Let everything happen, then let the queues run dry."""
        stage, random = self.stage, self.random
        head = await stage.publish(*["earlier"] * random.randrange(3)) if random.random() < 0.5 else 0
        await stage.deliver()
        clients = [await stage.connect("eve", f"client-{n}") for n in range(5)]
        stage.use(self.workers.rough)
        for client in clients:
            query = SO_FAR if client == clients[1] else APPLAUDED
            resumed = {"after": CURSORS.sign(cursor_scope(ADA), (head,))} if client == clients[0] else {}
            self.order.start(stage.follow(client, query, **resumed))
        left = EVENTS
        leaving = False
        while True:
            if left and random.random() < 0.1:
                left -= 1
                await stage.publish(f"event {left}")
                self.workers.take(twice=random.random() < 0.3)
            if not leaving and random.random() < 0.02:
                leaving = True
                self.order.start(stage.say(clients[2], type="complete", id="1"))
                self.order.start(stage.transport.closed(clients[3]))
            self.workers.kill()
            if not await self.order.step() and not self.workers.take():
                if left or not leaving:
                    continue
                break
        assert self.order.failures == []
        total = await stage.log.head(ADA)
        self.judge(clients[0], "applauded", head, total)
        self.judge(clients[1], "applaudedSoFar", None, total)
        self.judge(clients[4], "applauded", None, total)
        await self.nothing_is_left_of(clients[2], clients[3])

    def judge(self, client: str, name: str, start: int | None, total: int) -> None:
        """What is left of the client's stream without what it has seen is the log, from where it began."""
        told = self.stage.heard(client)
        assert {message["type"] for message in told} <= {"next"}
        seen: list[int] = []
        for message in told:
            number = sequence(message["payload"]["data"][name]["cursor"])
            if not seen or number > seen[-1]:
                seen.append(number)
        first = start if start is not None else seen[0] - 1 if seen else total
        assert seen == list(range(first + 1, total + 1))

    async def nothing_is_left_of(self, *clients: str) -> None:
        rows = await self.stage.kept.query(SUBSCRIBER.query(topic=ADA))
        assert not {row.attributes["connection"] for row in rows.items} & set(clients)
        for client in clients:
            page = await self.stage.kept.query(SUBSCRIPTION.query(connection=client))
            assert [row for row in page.items if row.attributes["state"] != "completed"] == []


async def play(seed: int) -> None:
    random = Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delivery, "PLACES", Random(seed).choice([2, 500]))
        await Play(random).run()


@cases(60)
@example(seed=100053)
@example(seed=100065)
@given(seed=st.integers(min_value=0, max_value=2**32))
def test_each_stream_equals_the_log_after_dropping_repeats(seed: int) -> None:
    asyncio.run(play(seed))
