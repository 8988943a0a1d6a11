"""How far behind each projection is, is said once a minute."""

from __future__ import annotations

import logging
from copy import deepcopy
from dataclasses import replace

import pytest

from colonnade.chains import BASE
from colonnade.errors import ChainTimeout
from colonnade.indexing.journal import CHECKPOINT, Checkpoint
from colonnade.indexing.reporting import METRIC, Reporting
from colonnade.store import Writes
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.indexing.chain_of_notes import PROJECTION, World


class Noted:
    """Measures that a test reads."""

    def __init__(self) -> None:
        self.found: list[tuple[str, float, dict[str, str]]] = []

    def count(self, name: str, value: float, unit: str, **dimensions: str) -> None:
        self.found.append((name, value, dimensions))

    def flush(self) -> None:
        """Nothing waits."""


async def test_the_backlog_is_said_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    await world.index()
    world.chain.mine(3)
    now, noted = [0.0], Noted()
    reporting = Reporting(world.store, noted, BASE, [PROJECTION], lambda: now[0])
    with caplog.at_level(logging.INFO):
        for seconds in (0, 30, 59, 60):
            now[0] = float(seconds)
            await reporting.tell(world.history)
    assert noted.found == [(METRIC, 3, {"projection": "notes"})] * 2
    lines = [record.__dict__["fields"] for record in caplog.records if record.message == "The index"]
    assert [line["behind"] for line in lines] == [3, 3]


async def test_a_chain_that_does_not_answer_is_no_failure_of_the_report() -> None:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.outage = ChainTimeout("no answer")
    noted = Noted()
    await Reporting(world.store, noted, BASE, [PROJECTION]).tell(world.history)
    assert noted.found == []


async def test_what_an_operator_has_to_see_to_is_an_error_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.mine(5)
    shorter = deepcopy(world.chain)
    world.chain.mine(100)
    await world.index()
    item = await world.store.get(CHECKPOINT.key(chain=BASE, track="notes@1"))
    assert item is not None
    here = Checkpoint.of(BASE, "notes@1", item.attributes)
    await world.store.transact(Writes([here.move(replace(here, unsure=True, begun=True))]))
    await Reporting(world.store, Noted(), BASE, [PROJECTION]).tell(shorter.history())
    errors = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert [record.message for record in errors] == [
        "The chain is shorter than its index",
        "Rows of another chain may be left: rebuild the projection",
    ]
    fields = errors[0].__dict__["fields"]
    assert (fields["beyond"], fields["mending"], fields["retired"]) == (100, True, 0)
