"""What is read of a stretch is of one history, and of each transaction no log is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from colonnade.chains import Log, LogFilter, Receipt
from colonnade.errors import BlockVanished, ChainProtocolError
from colonnade.indexing.reading import read
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from colonnade.testing.scripted_history import ScriptedHistory
from tests.indexing.chain_of_notes import PROJECTION, World


@pytest.fixture
def world() -> World:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.write("one", "two")
    world.chain.mine(2)
    return world


async def test_a_transaction_without_one_of_its_logs_is_not_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = ScriptedHistory.logs

    async def all_but_one(self: ScriptedHistory, wanted: LogFilter, first: int, last: int) -> Sequence[Log]:
        return (await logs(self, wanted, first, last))[:-1]

    number = world.chain.block.number
    (whole,) = (await read(world.history, [PROJECTION], 1, number)).transactions
    assert len(whole[1].logs) == 2
    monkeypatch.setattr(ScriptedHistory, "logs", all_but_one)
    with pytest.raises(ChainProtocolError, match="not those of its receipts"):
        await read(world.history, [PROJECTION], 1, number)


async def test_logs_from_before_a_reorganisation_are_not_taken_with_blocks_from_after_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs = ScriptedHistory.logs

    async def reorganised_then(
        self: ScriptedHistory, wanted: LogFilter, first: int, last: int
    ) -> Sequence[Log]:
        found = await logs(self, wanted, first, last)
        world.chain.reorganise(1, including=[], blocks=2)
        return found

    monkeypatch.setattr(ScriptedHistory, "logs", reorganised_then)
    with pytest.raises(BlockVanished, match="changed while it was read"):
        await read(world.history, [PROJECTION], 1, world.chain.block.number)


async def test_a_transaction_of_another_block_than_the_chains_is_not_taken(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a node that knows the block's number by one history and its logs and receipts by another."""
    logs, receipts = ScriptedHistory.logs, ScriptedHistory.receipts

    def elsewhere(log: Log) -> Log:
        return replace(log, block_hash=b"\xee" * 32)

    async def other_logs(self: ScriptedHistory, wanted: LogFilter, first: int, last: int) -> Sequence[Log]:
        return [elsewhere(log) for log in await logs(self, wanted, first, last)]

    async def other_receipts(self: ScriptedHistory, hashes: Sequence[bytes]) -> Sequence[Receipt | None]:
        return [
            receipt
            and replace(receipt, block_hash=b"\xee" * 32, logs=tuple(elsewhere(log) for log in receipt.logs))
            for receipt in await receipts(self, hashes)
        ]

    monkeypatch.setattr(ScriptedHistory, "logs", other_logs)
    monkeypatch.setattr(ScriptedHistory, "receipts", other_receipts)
    with pytest.raises(BlockVanished, match="not where its log was"):
        await read(world.history, [PROJECTION], 1, world.chain.block.number)
