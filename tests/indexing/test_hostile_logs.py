"""Logs that a projection cannot read: it leaves them out, and nobody else waits for it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

import pytest

from colonnade.chain_logs import ChainLogs, IndexedTransaction
from colonnade.chains import BASE
from colonnade.context import Context
from colonnade.errors import ChainTimeout, InvalidWrite
from colonnade.events import Event
from colonnade.indexing import indexer as indexing
from colonnade.indexing.following import Follower
from colonnade.indexing.journal import STRETCH
from colonnade.store import Item
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.indexing.chain_of_notes import NOTES, PROJECTION, Retracted, World, Written, announce, keep

UNREADABLE = "\0"


@pytest.fixture
def world() -> World:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.final_after = 5
    world.chain.mine(6)
    return world


async def fragile(context: Context, found: IndexedTransaction) -> Sequence[Item]:
    """Fails over what it does not know."""
    rows = await keep(context, found)
    if any(row.attributes["text"] == UNREADABLE for row in rows):
        raise KeyError("no such note")
    return rows


async def oversized(context: Context, found: IndexedTransaction) -> Sequence[Item]:
    """Gives rows that no store keeps."""
    return [
        NOTES.item(
            {**row.attributes, "text": "x" * 130_000}
            if row.attributes["text"] == UNREADABLE
            else row.attributes
        )
        for row in await keep(context, found)
    ]


def talkative(row: Item) -> Sequence[Event]:
    return [*announce(row)] * (3 if row.attributes["text"] == UNREADABLE else 1)


@pytest.mark.parametrize(
    "projection",
    [
        pytest.param(replace(PROJECTION, project=fragile), id="it fails"),
        pytest.param(replace(PROJECTION, project=oversized), id="its row is too large"),
        pytest.param(replace(PROJECTION, announce=talkative), id="it tells too much"),
    ],
)
async def test_what_a_projection_cannot_read_is_left_out_and_the_rest_goes_on(
    world: World, projection: ChainLogs, caplog: pytest.LogCaptureFixture
) -> None:
    world.write("a")
    world.write(UNREADABLE)
    world.write("b")
    world.chain.mine()
    follower = Follower(world.context(), world.history, world.indexer(projection=projection))
    with caplog.at_level(logging.ERROR):
        while await follower.look():
            pass
    assert await world.kept() == await world.told(Written) == ["a", "b"]
    (record,) = caplog.records
    assert record.__dict__["fields"]["projection"] == "notes"
    world.chain.reorganise(1, including=[])
    await world.index(world.indexer(projection=projection))
    assert await world.kept() == []


async def test_a_projection_that_cannot_say_that_a_row_is_gone_does_not_stop_the_rewinding(
    world: World,
) -> None:
    def speechless(row: Item) -> Sequence[Event]:
        raise InvalidWrite("too long a word")

    world.write("a")
    world.chain.mine()
    projection = replace(PROJECTION, retract=speechless)
    await world.index(world.indexer(projection=projection))
    world.chain.reorganise(1, including=[])
    await world.index(world.indexer(projection=projection))
    assert await world.kept() == await world.told(Retracted) == []


async def test_blocks_with_more_rows_than_the_journal_holds_are_stretches_of_their_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "MOST_ROWS", 30)
    for _ in range(3):
        world.write(*[f"{number:05d}" for number in range(40)])
        world.chain.mine()
    await world.index()
    page = await world.store.query(STRETCH.query(chain=BASE, track="notes@1"))
    assert len(page.items) == 3
    world.chain.reorganise(3, including=[])
    await world.index()
    assert await world.kept() == []


async def test_what_the_chain_had_no_answer_for_is_not_left_out(world: World) -> None:
    answers = [False, True]

    async def slow(context: Context, found: IndexedTransaction) -> Sequence[Item]:
        if not answers.pop(0):
            raise ChainTimeout("no endpoint answered in time")
        return await keep(context, found)

    world.write("a")
    world.chain.mine()
    indexer = world.indexer(projection=replace(PROJECTION, project=slow))
    with pytest.raises(ChainTimeout):
        await world.index(indexer)
    await world.index(indexer)
    assert await world.kept() == ["a"]
