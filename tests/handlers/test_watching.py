"""A shift lasts a quarter of an hour, and sees the chain as it is now at each look."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from colonnade.chain_logs import IndexedTransaction
from colonnade.chains import BASE
from colonnade.context import Context
from colonnade.errors import ChainTimeout
from colonnade.permissions import Principal
from colonnade.store import Item
from colonnade.telemetry.measures import NO_MEASURES
from colonnade.telemetry.recording import NO_TELEMETRY
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from colonnade.testing.scripted_chain import ScriptedChains
from handlers.runtime import Application
from handlers.watch import WatchHandler
from tests.indexing.chain_of_notes import PROJECTION, World


def test_each_look_of_a_shift_reads_the_chain_as_it_is_then() -> None:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.mine(3)
    read: list[tuple[int, int]] = []

    async def noting(context: Context, found: IndexedTransaction) -> Sequence[Item]:
        block = await context.chain(BASE).block()
        read.append((found.block.number, block.number))
        return ()

    def make_context(request_id: str, principal: Principal | None) -> Context:
        return world.context()

    application = SimpleNamespace(
        adapters=SimpleNamespace(
            chains=ScriptedChains(world.chain), store=world.store, clock=clock, measures=NO_MEASURES
        ),
        composition=SimpleNamespace(chain_logs=[("notes", replace(PROJECTION, project=noting))]),
        settings=SimpleNamespace(index_starts=lambda: {BASE: 1}),
        telemetry=NO_TELEMETRY,
        make_context=make_context,
    )
    looks = iter(range(4))

    def stopping() -> bool:
        world.write("new")
        world.chain.mine()
        return next(looks, None) is None

    assert WatchHandler(cast(Application, application)).work("chain:8453", 60, stopping) == 4
    assert len(read) == 4
    assert all(transaction == block for transaction, block in read)


def test_a_shift_whose_looks_fail_still_says_how_far_the_index_is(caplog: pytest.LogCaptureFixture) -> None:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.mine(3)

    async def failing(context: Context, found: IndexedTransaction) -> Sequence[Item]:
        raise ChainTimeout("a contract does not answer")

    application = SimpleNamespace(
        adapters=SimpleNamespace(
            chains=ScriptedChains(world.chain), store=world.store, clock=clock, measures=NO_MEASURES
        ),
        composition=SimpleNamespace(chain_logs=[("notes", replace(PROJECTION, project=failing))]),
        settings=SimpleNamespace(index_starts=lambda: {BASE: 1}),
        telemetry=NO_TELEMETRY,
        make_context=lambda request_id, principal: world.context(),
    )
    world.write("new")
    world.chain.mine()
    looks = iter(range(1))
    with caplog.at_level(logging.INFO):
        WatchHandler(cast(Application, application)).work("chain:8453", 60, lambda: next(looks, None) is None)
    assert "could not be looked at" in caplog.text
    assert [record.message for record in caplog.records].count("The index") == 1
