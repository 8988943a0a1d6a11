"""Two indexers at once on a real database, a rebuild under way: each row once, each event once, one switch."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from colonnade.indexing.following import Follower
from colonnade.indexing.generations import entity_of
from colonnade.indexing.rebuilding import begin
from colonnade.indexing.tracks import generations_of
from colonnade.store import Store
from colonnade.testing.clock import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from tests.indexing.chain_of_notes import NOTES, PROJECTION, World, Written

CLOCK = FrozenClock(datetime(2040, 1, 1, tzinfo=UTC))


@pytest.fixture
def database(dynamodb: DynamoDBSettings) -> Iterator[Store]:
    adapter = DynamoDBStore(dynamodb, CLOCK)
    yield adapter
    adapter.close()


def test_two_indexers_build_a_generation_and_switch_to_it_once(database: Store) -> None:
    world = World(database, CLOCK)
    world.chain.final_after = 5
    world.chain.mine(6)
    texts = [f"{number:03d}" for number in range(40)]
    for at in range(0, 40, 35):
        world.write(*texts[at : at + 35])
        world.chain.mine()
    asyncio.run(world.index(world.indexer()))
    asyncio.run(begin(world.context(), PROJECTION, None))
    world.write("new")
    world.chain.mine()
    start = threading.Barrier(2)

    async def follow() -> None:
        context, history = world.context(), world.history
        follower = Follower(context, history, replace(world.indexer(context), history=history))
        while await follower.look():
            pass

    def work(_: int) -> None:
        start.wait()
        asyncio.run(follow())

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(work, range(2)))

    async def rows() -> list[str]:
        page = await database.query(entity_of(NOTES, 2).query(limit=1_000))
        return [str(item.attributes["text"]) for item in page.items]

    known = asyncio.run(generations_of(database, [PROJECTION]))["notes"]
    assert (known.serving, known.building, known.retired) == (2, None, (1,))
    assert asyncio.run(rows()) == [*texts, "new"]
    assert asyncio.run(world.told(Written)) == [*texts, "new"]
