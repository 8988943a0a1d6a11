"""A stored message takes effect once, or waits with its reason until somebody replays it."""

from __future__ import annotations

import pytest

from colonnade import Context
from colonnade.conditions import attribute
from colonnade.errors import HandlerFailed
from colonnade.inbound.declaration import Received
from colonnade.store import Update, Writes
from colonnade.testing import Harness
from tests.inbound.doorbell import BODY, RINGS, Doorbell, rings, signed, tasks, told, work


async def test_message_whose_handler_fails_stays_and_takes_effect_when_it_is_replayed() -> None:
    doorbell = Doorbell()
    harness = Harness(doorbell.plugin())
    doorbell.failures = 2
    await told(harness, BODY, signed(harness))
    for _ in range(2):
        with pytest.raises(RuntimeError, match="stuck"):
            await work(harness)
    assert await rings(harness) == 0

    await work(harness, times=2)

    assert await rings(harness) == 1


async def test_handler_whose_reading_is_out_of_date_reads_afresh() -> None:
    class Overtaken(Doorbell):
        async def ring(self, context: Context, received: Received) -> Writes:
            writes = await super().ring(context, received)
            if len(self.received) > 1:
                return writes
            gone = attribute("count").equals(99)
            return Writes([Update(RINGS.key(door="front"), add={"count": 1}, condition=gone)])

    doorbell = Overtaken()
    harness = Harness(doorbell.plugin())
    await told(harness, BODY, signed(harness))
    await work(harness)
    assert len(doorbell.received) == 2
    assert await rings(harness) == 1


async def test_each_webhook_has_a_job_of_its_plugin_with_its_own_patience() -> None:
    harness = Harness(Doorbell().plugin())
    jobs = {job.name: (plugin, job.retries) for plugin, job in harness.composition.jobs}
    assert jobs["doorbell.rang.received"] == ("doorbell", 8)
    assert jobs["doorbell.plain.received"] == ("doorbell", 2)


async def test_message_that_is_no_longer_kept_is_a_failure_that_says_so() -> None:
    harness = Harness(Doorbell().plugin())
    await told(harness, BODY, signed(harness))
    harness.clock.advance(31 * 86_400)
    with pytest.raises(HandlerFailed, match=r"msg_1 of doorbell\.rang"):
        await harness.run_job("doorbell.rang.received", {"message": "msg_1"})


async def test_handler_that_returns_no_writes_is_told_so() -> None:
    doorbell = Doorbell()
    harness = Harness(doorbell.plugin())
    await told(harness, BODY, signed(harness))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.inbound.doorbell.Writes", list)
        with pytest.raises(TypeError, match="returns Writes"):
            await work(harness)
    assert len(await tasks(harness)) == 1
