"""A node that is behind is no reorganisation: nothing that is true is taken back, and nothing false is announced."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace

import pytest

from colonnade.chains import ChainHistory
from colonnade.errors import BlockVanished, ChainShorter
from colonnade.indexing.following import Follower
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.indexing.chain_of_notes import Retracted, World, Written


@pytest.fixture
def world() -> World:
    """A chain that is indexed up to its head, block by block."""
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.mine(4)
    return world


async def grow(world: World, *texts: str) -> None:
    """A block for each text, indexed and announced."""
    for text in texts:
        world.write(text)
        world.chain.mine()
        await look(world)


async def look(world: World, history: ChainHistory | None = None) -> None:
    while await follower(world, history).look():
        pass


def follower(world: World, history: ChainHistory | None = None) -> Follower:
    history = history or world.history
    return Follower(world.context(), history, replace(world.indexer(), history=history))


def as_it_is_now(world: World) -> ChainHistory:
    """A node that learns of no further block."""
    return deepcopy(world.chain).history()


async def announced(world: World) -> list[tuple[int, int | None]]:
    """The heads that were announced, and from where the chain was another."""
    return [(moved.number, moved.reorganised_from) for moved in await world.heads()]


async def test_a_node_that_is_behind_takes_nothing_back_and_announces_nothing(world: World) -> None:
    await grow(world, "a", "b")
    behind = as_it_is_now(world)
    await grow(world, "c", "d")
    before = await announced(world)
    assert not await follower(world, behind).look()
    assert await world.kept() == ["a", "b", "c", "d"]
    assert (await world.told(Retracted), await announced(world)) == ([], before)
    await grow(world, "e")
    assert await world.told(Written) == ["a", "b", "c", "d", "e"]
    assert (await announced(world))[-1] == (world.chain.block.number, None)


async def test_a_node_that_is_behind_within_a_long_stretch_takes_nothing_back(world: World) -> None:
    await grow(world, "a")
    behind = as_it_is_now(world)
    world.write("b")
    world.chain.mine(5)
    await look(world)
    assert not await follower(world, behind).look()
    assert await world.told(Retracted) == []


async def test_a_head_from_one_node_and_blocks_from_one_that_is_behind_are_looked_at_again(
    world: World,
) -> None:
    await grow(world, "a")
    behind = as_it_is_now(world)
    await grow(world, "b")
    with pytest.raises(BlockVanished):
        await replace(world.indexer(), history=behind).advance(world.chain.block)
    world.chain.mine(2)
    await world.index()
    behind.heads = world.history.heads  # type: ignore[method-assign]
    indexed = replace(follower(world), history=behind)
    with pytest.raises(BlockVanished):
        await indexed.look()
    assert (await world.kept(), await world.told(Retracted)) == (["a", "b"], [])
    assert {fork for _, fork in await announced(world)} == {None}


async def test_a_chain_that_is_shorter_for_a_moment_is_rewound_once_it_has_grown(world: World) -> None:
    await grow(world, "a")
    shorter = deepcopy(world.chain)
    fork = world.chain.block.number + 1
    await grow(world, "lost", "lost too")
    world.chain = shorter
    await look(world)
    assert await world.told(Retracted) == []
    world.chain.mine(3)
    await look(world)
    assert (await world.kept(), await world.told(Retracted)) == (["a"], ["lost", "lost too"])
    assert (await announced(world))[-1] == (world.chain.block.number, fork)


async def test_a_shorter_chain_with_other_blocks_is_a_reorganisation_at_once(world: World) -> None:
    await grow(world, "a", "lost")
    other = deepcopy(world.chain)
    fork = other.block.number
    await grow(world, "lost too")
    other.reorganise(1, including=[])
    world.chain = other
    await look(world)
    assert (await world.kept(), await world.told(Retracted)) == (["a"], ["lost", "lost too"])
    assert (fork, fork) in await announced(world)


async def test_another_chain_that_begins_anew_is_followed_from_there(world: World) -> None:
    world.chain.mine(100)
    await grow(world, "lost")
    lowest = world.chain.block.number
    anew = World(world.store, world.clock)
    anew.chain.final_after = 1
    anew.chain.mine(1)
    anew.chain.reorganise(2, including=[])
    anew.write("another")
    anew.chain.mine()
    await look(anew)
    assert await anew.kept() == ["another"]
    assert (anew.chain.block.number, lowest) in await announced(anew)


async def test_a_shorter_chain_that_forks_within_the_newest_stretch_is_gone_back_to_at_once(
    world: World,
) -> None:
    world.chain.mine(60)
    await grow(world, "a")
    world.chain.mine(20)
    world.write("lost")
    world.chain.mine(20)
    await look(world)
    behind = as_it_is_now(world)
    world.chain.reorganise(30, including=[], blocks=10)
    await look(world, behind)
    assert await world.told(Retracted) == []
    await look(world)
    assert (await world.kept(), await world.told(Retracted)) == (["a"], ["lost"])


async def test_a_node_that_is_far_behind_whatever_was_indexed_takes_nothing_back(world: World) -> None:
    behind = as_it_is_now(world)
    world.chain.mine(80)
    await grow(world, "a", "b")
    before = await announced(world)
    with pytest.raises(ChainShorter, match="ends at block 5, and its index has 87"):
        await look(world, behind)
    assert (await world.kept(), await world.told(Retracted)) == (["a", "b"], [])
    assert await announced(world) == before
    await grow(world, "c")
    assert await world.kept() == ["a", "b", "c"]


async def test_a_chain_that_gets_shorter_twice_while_it_is_gone_back_to_is_known_each_time(
    world: World,
) -> None:
    world.chain.mine(60)
    await grow(world, *(f"n{n}" for n in range(20)))
    for depth, blocks in ((15, 3), (6, 2)):
        world.chain.reorganise(depth, including=[], blocks=blocks)
        await look(world)
        assert await world.kept() == await world.on_chain()
