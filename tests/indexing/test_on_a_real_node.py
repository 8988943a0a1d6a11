"""A real node that is reorganised, read by the real adapter as two endpoints say it: rows equal a clean rebuild."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from colonnade.chain_logs import IndexedTransaction
from colonnade.chains import BASE
from colonnade.context import Context
from colonnade.indexing.indexer import Indexer
from colonnade.store import Item
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from infra.rpc import ChainSettings, JsonRpcChains
from infra.rpc.witnessed import WitnessedHistory
from tests.contract.chains.recording_worlds import EMITTER, LiveRecords
from tests.indexing.chain_of_notes import NOTE, NOTES, PROJECTION, World

pytestmark = pytest.mark.onchain


@pytest.fixture
def node(tmp_path: Path) -> Iterator[LiveRecords]:
    records = LiveRecords(tmp_path)
    yield records
    records.close()


async def placed(context: Context, found: IndexedTransaction) -> Sequence[Item]:
    """A row for each note, which says in which block of which history it was found."""
    return [
        NOTES.item(
            {"block": log.block_number, "index": log.index, "text": log.data.hex(), "hash": found.block.hash}
        )
        for log in found.logs
    ]


async def test_reorganisations_of_a_real_node_leave_what_a_clean_rebuild_gives(node: LiveRecords) -> None:
    url = node.url
    chains = JsonRpcChains([ChainSettings(BASE, (url, f"{url}/?again"), multicall3=None)])
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    history = chains.witnessed(BASE)
    assert isinstance(history, WitnessedHistory)
    projection = replace(PROJECTION, project=placed, announce=None, retract=None)
    indexer = Indexer(world.context(), history, [projection], start=1)
    chance = random.Random(20261123)
    sent: list[bytes] = []
    sent.append(node.submit(EMITTER, NOTE + b"kept"))
    node.mine(70)
    try:
        for depth, last in ((1, False), (64, False), *((chance.randint(2, 63), n == 3) for n in range(4))):
            for _ in range(chance.randint(1, 3)):
                sent.append(node.submit(EMITTER, NOTE + chance.randbytes(4)))
                node.mine(chance.randint(1, 2))
                while await indexer.advance(await history.head()):
                    pass
            head = await history.head()
            receipts = [receipt for receipt in await history.receipts(sent) if receipt is not None]
            # What is taken back comes again in another block; of the last, nothing does, nor what was to follow it.
            again = (
                [] if last else [r.transaction_hash for r in receipts if r.block_number > head.number - depth]
            )
            node.reorganise(depth, again)
            node.mine()
            while await indexer.advance(await history.head()):
                pass
        clean = MemoryStore(clock)
        rebuilt = Indexer(world.context(clean), history, [projection], start=1)
        while await rebuilt.advance(await history.head()):
            pass
        rows = (await world.store.query(NOTES.query(limit=1_000))).items
        assert rows == (await clean.query(NOTES.query(limit=1_000))).items
        assert rows, "something survives"
    finally:
        chains.close()
