"""Two processes deliver the same events at once, as where a replay meets the queue: one that lives is not taken for dead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from colonnade.errors import HandlerFailed
from colonnade.publishing import Delivery
from colonnade.store import Writes
from colonnade.topic_log import TopicLog
from tests.subscriptions.dying import Killed, bring
from tests.subscriptions.stage import ADA, Stage
from tests.subscriptions.test_ended_processes import letters, mark, told, two_documents
from tests.subscriptions.test_operations_counted import CountingStore


class Amid(CountingStore):
    """A store on which, before the write of that number, other processes end amid the same walk."""

    at = 0
    others: Stage

    async def transact(self, writes: Writes) -> None:
        if self.at == self.counts["transact"] + 1:
            self.at = 0
            with pytest.raises(Killed):
                await self.others.deliverer.deliver(Delivery(ADA, 1, brought_again=True))
        await super().transact(writes)


class Ending(CountingStore):
    """A store whose process ends as soon as it has written: its time is up."""

    async def transact(self, writes: Writes) -> None:
        await super().transact(writes)
        raise Killed


def beside(stage: Stage, store: CountingStore) -> Stage:
    """Another process on the same table."""
    made = Stage(clock=stage.clock, store=stage.kept, sockets=stage.sockets)
    made.use(replace(made.ports, store=store, log=TopicLog(stage.kept, stage.clock)))
    return made


async def test_what_a_process_counted_and_showed_well_it_takes_back_though_another_has_counted_since() -> (
    None
):
    stage = Stage()
    clients = await two_documents(stage)
    await stage.publish("one")
    amid = Amid(stage.kept)
    amid.at, amid.others = 2, beside(stage, Ending(stage.kept))
    slow = beside(stage, amid)

    with pytest.raises(HandlerFailed, match="another process"):
        await slow.deliverer.deliver(Delivery(ADA, 1, brought_again=True))
    assert (await mark(stage))["tried"] == []  # One ended, amid a document that the other has shown.

    assert await bring(stage, 1, first=False) == 0
    assert await letters(stage) == []
    assert [told(stage, client) for client in clients] == [["one"], ["one"]]
