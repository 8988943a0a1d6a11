"""Each projection has a checkpoint of its own; those that stand alike are read in one pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from colonnade.chain_logs import ChainLogs
from colonnade.chains import BASE
from colonnade.errors import ChainTimeout
from colonnade.indexing.backlog import backlogs
from colonnade.indexing.following import Follower
from colonnade.indexing.indexer import Indexer
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.indexing.chain_of_notes import NOTES, OTHER, PROJECTION, World, Written, keep

COPIES = replace(NOTES, name="Copy")


@pytest.fixture
def world() -> World:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.final_after = 5
    world.chain.mine(6)
    return world


async def copy(context, found):  # type: ignore[no-untyped-def]
    return [COPIES.item(row.attributes) for row in await keep(context, found)]


OTHERS = ChainLogs("others", BASE, (OTHER,), copy, entities=(COPIES,))


def both(world: World) -> Indexer:
    return Indexer(world.context(), world.history, [PROJECTION, OTHERS], start=1)


async def copies(world: World) -> list[str]:
    page = await world.store.query(COPIES.query(limit=1_000))
    return [str(item.attributes["text"]) for item in page.items]


async def test_a_projection_that_is_installed_later_catches_up_from_its_own_start(world: World) -> None:
    for text in "abc":
        world.write(text)
        world.write(text.upper(), topic=OTHER)
        world.chain.mine()
    await world.index()
    told = await world.told(Written)
    await world.index(both(world))
    assert (await world.kept(), await copies(world)) == (["a", "b", "c"], ["A", "B", "C"])
    assert await world.told(Written) == told, "the other is not indexed again"


async def test_projections_that_stand_alike_are_read_in_one_pass(world: World) -> None:
    await world.index(both(world))
    world.write("a")
    world.write("A", topic=OTHER)
    head = world.chain.mine()
    before = world.chain.round_trips
    await both(world).advance(head)
    assert world.chain.round_trips - before == 5
    assert (await world.kept(), await copies(world)) == (["a"], ["A"])


async def test_a_head_is_announced_while_another_projection_catches_up(world: World) -> None:
    world.chain.mine(200)
    await world.index()
    world.chain.widest_logs = 10
    indexer = both(world)
    world.chain.mine()
    follower = Follower(world.context(), world.history, indexer)
    assert await follower.look()
    assert [moved.number for moved in await world.heads()] == [world.chain.block.number]
    behind = {
        one.projection: one.behind
        for one in await backlogs(world.store, BASE, [PROJECTION, OTHERS], world.chain.block.number)
    }
    assert behind["notes"] == 0
    assert (behind["others"] or 0) > 64


async def test_a_projection_that_cannot_catch_up_does_not_stop_the_others(world: World) -> None:
    world.write("A", topic=OTHER)
    world.chain.mine(200)
    await world.index()

    async def unanswered(context, found):  # type: ignore[no-untyped-def]
        raise ChainTimeout("no endpoint answered in time")

    broken = replace(OTHERS, project=unanswered)
    indexer = Indexer(world.context(), world.history, [PROJECTION, broken], start=1)
    world.write("a")
    world.chain.mine()
    with pytest.raises(ChainTimeout):
        await Follower(world.context(), world.history, indexer).look()
    assert await world.kept() == ["a"]
    assert [moved.number for moved in await world.heads()] == [world.chain.block.number]


async def test_a_reorganisation_takes_back_the_rows_of_all(world: World) -> None:
    world.write("a")
    world.chain.mine()
    await world.index()
    world.write("b")
    world.write("B", topic=OTHER)
    world.chain.mine()
    await world.index(both(world))
    world.chain.reorganise(2, including=[])
    await world.index(both(world))
    assert (await world.kept(), await copies(world)) == ([], [])


async def test_a_wide_range_that_is_refused_is_remembered_and_tried_again_later(world: World) -> None:
    world.chain.widest_logs = 40
    world.chain.mine(2_000)
    asked: list[int] = []
    history = world.history
    logs = history.logs

    async def noting(wanted, first, last):  # type: ignore[no-untyped-def]
        asked.append(last - first + 1)
        return await logs(wanted, first, last)

    history.logs = noting  # type: ignore[method-assign]
    indexer = replace(world.indexer(), history=history)
    head = await history.head()
    while await indexer.advance(head):
        indexer = replace(world.indexer(), history=history)
    refused = [width for width in asked if width > 40]
    assert len(refused) <= 8, "each who takes over would else find out anew"
    assert max(asked[10:]) >= 30
    world.chain.widest_logs = 10_000
    world.chain.mine(9_000)
    del asked[:]
    await world.index(indexer)
    assert max(asked) > 1_000
