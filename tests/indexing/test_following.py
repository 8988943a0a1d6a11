"""The head of a chain is announced once, after what it brought is indexed."""

from __future__ import annotations

import pytest

from colonnade.indexing.following import Follower
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.indexing.chain_of_notes import World


@pytest.fixture
def world() -> World:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.mine(3)
    return world


def follower(world: World) -> Follower:
    return Follower(world.context(), world.history, world.indexer())


async def look(world: World) -> None:
    while await follower(world).look():
        pass


async def test_each_head_is_announced_once_with_its_finality(world: World) -> None:
    await look(world)
    await look(world)
    world.chain.mine()
    await look(world)
    first, second = await world.heads()
    assert (first.number, second.number) == (4, 5)
    assert second.hash == "0x" + world.chain.block.hash.hex()
    assert (second.safe, second.finalized, second.reorganised_from) == (4, 3, None)


async def test_what_a_head_brought_is_indexed_before_it_is_announced(world: World) -> None:
    world.write("new")
    world.chain.mine()
    while not await world.heads():
        assert await follower(world).look()
    assert await world.kept() == ["new"]


async def test_a_reorganisation_is_announced_from_its_lowest_block(world: World) -> None:
    for _ in range(4):
        world.chain.mine()
        await look(world)
    fork = world.chain.block.number - 1
    world.chain.reorganise(2, including=[])
    world.chain.mine()
    await look(world)
    assert [moved.reorganised_from for moved in await world.heads()][-1] == fork


async def test_heads_that_were_skipped_are_no_reorganisation(world: World) -> None:
    await look(world)
    world.chain.mine(7)
    await look(world)
    assert [moved.reorganised_from for moved in await world.heads()] == [None, None]


async def test_two_followers_announce_a_head_once(world: World) -> None:
    first, second = follower(world), follower(world)
    await world.index()
    assert await first.look()
    assert not await second.look()
    assert len(await world.heads()) == 1
