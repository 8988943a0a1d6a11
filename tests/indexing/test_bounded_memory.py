"""However far behind it is, the indexer takes no more memory: 10,000 blocks with 100,000 logs in a soak."""

from __future__ import annotations

import gc
import tracemalloc

import pytest

from colonnade.indexing.indexer import Indexer
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.indexing.chain_of_notes import PROJECTION, World
from tests.indexing.long_chain import Counting, LongChain
from tests.soak.plan import FULL

BLOCKS = 10_000 if FULL else 200
LOGS = 10
BOUND = 24 * 1024 * 1024
"""Bytes that a stretch may take, whatever comes after it: 2,000 rows at most, their logs, receipts and events."""


@pytest.mark.soak
async def test_a_long_way_to_the_head_takes_no_more_memory_than_a_stretch() -> None:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    store = Counting(world.store)
    chain = LongChain(BLOCKS, LOGS, most=2_000)
    indexer = Indexer(world.context(store), chain, [PROJECTION], start=1)
    head = await chain.head()
    gc.collect()
    tracemalloc.start()
    try:
        while await indexer.advance(head):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert store.rows == BLOCKS * LOGS
    assert peak < BOUND, f"{peak:,} bytes"
