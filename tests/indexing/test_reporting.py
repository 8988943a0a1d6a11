"""How far behind each projection is, is said once a minute."""

from __future__ import annotations

import logging

import pytest

from colonnade.chains import BASE
from colonnade.errors import ChainTimeout
from colonnade.indexing.reporting import METRIC, Reporting
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.indexing.chain_of_notes import PROJECTION, World


class Noted:
    """Measures that a test reads."""

    def __init__(self) -> None:
        self.found: list[tuple[str, float, dict[str, str]]] = []

    def count(self, name: str, value: float, unit: str, **dimensions: str) -> None:
        self.found.append((name, value, dimensions))


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
    assert noted.found == [(METRIC, 3, {"projection": "notes", "rows": "serve"})] * 2
    lines = [record.__dict__["fields"] for record in caplog.records if record.message == "The index"]
    assert [line["behind"] for line in lines] == [3, 3]


async def test_a_chain_that_does_not_answer_is_no_failure_of_the_report() -> None:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.outage = ChainTimeout("no answer")
    noted = Noted()
    await Reporting(world.store, noted, BASE, [PROJECTION]).tell(world.history)
    assert noted.found == []
