"""A chain that began anew is told from one whose nodes are behind, however much shorter it is, and old rows are told of."""

from __future__ import annotations

import itertools
from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.chains import BASE
from colonnade.errors import ChainShorter
from colonnade.indexing import mending
from colonnade.indexing.backlog import Backlog, backlogs
from colonnade.indexing.generations import filters_of
from colonnade.indexing.journal import STRETCH, Checkpoint
from colonnade.indexing.landmarks import APART, Landmarks
from colonnade.indexing.rebuilding import begin
from colonnade.indexing.tracks import generations_of
from colonnade.store import Delete, Writes
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.indexing.chain_of_notes import PROJECTION, Retracted, World, Written


@pytest.fixture
def world() -> World:
    """A chain whose index remembers nothing of what it wrote long ago."""
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.final_after = 70
    return world


async def indexed(world: World, blocks: int, step: int = 20) -> None:
    for _ in range(0, blocks, step):
        world.chain.mine(step)
        await world.index()


async def forget(world: World) -> None:
    """The journal expires."""
    page = await world.store.query(STRETCH.query(chain=BASE, track="notes@1", limit=1_000))
    await world.store.transact(Writes([Delete(item.key) for item in page.items]))


async def backlog(world: World) -> Backlog:
    head = (await world.history.head()).number
    (found, *_) = await backlogs(world.store, BASE, [PROJECTION], head)
    return found


async def test_a_chain_that_forked_far_below_and_is_shorter_is_known_by_a_landmark(world: World) -> None:
    world.write("old")
    await indexed(world, 200)
    shorter = deepcopy(world.chain)
    await indexed(world, 400)
    world.chain = shorter
    world.chain.reorganise(10, including=[], blocks=260)
    await world.index()
    assert world.chain.block.number < 460
    assert (await backlog(world)).behind == 0
    assert await world.kept() == ["old"]
    assert (await world.told(Written), await world.told(Retracted)) == (["old"], [])


async def test_what_is_far_below_without_a_contradiction_is_waited_for_and_told(world: World) -> None:
    await indexed(world, 200)
    shorter = deepcopy(world.chain)
    await indexed(world, 100)
    whole, world.chain = world.chain, shorter
    with pytest.raises(ChainShorter):
        await world.index()
    told = await backlog(world)
    assert (told.behind, told.beyond) == (0, 100)
    world.chain = whole
    await indexed(world, 20)
    assert (await backlog(world)).beyond == 0


async def test_a_long_fork_of_blocks_that_wrote_nothing_is_gone_back_to_and_not_past(world: World) -> None:
    world.chain.final_after = 600
    world.write("old")
    await indexed(world, 600)
    await forget(world)
    world.chain.reorganise(200, including=[], blocks=201)
    while await world.indexer().advance(await world.history.head()):
        found = await backlog(world)
        assert found.indexed is not None
        assert found.indexed >= 321  # the landmark below the fork
    assert await world.told(Written) == ["old"]


async def test_an_index_that_goes_back_further_than_it_remembers_says_so_until_it_is_rebuilt(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(mending, "FORGOTTEN", 150)
    world.write("false")
    await indexed(world, 200)
    await forget(world)
    assert not (await backlog(world)).unsure
    world.chain = type(world.chain)()
    world.chain.mine(10)
    world.chain.reorganise(10, including=[], blocks=120)
    await world.index()
    assert (await backlog(world)).unsure
    assert "further than it remembers" in caplog.text
    known = (await generations_of(world.store, [PROJECTION]))["notes"]
    await world.store.transact(Writes([known.build(filters_of(PROJECTION)).put()]))
    await world.index()
    assert not (await backlog(world)).unsure


async def test_a_rebuild_that_was_asked_for_ends_below_an_index_that_waits_for_a_longer_chain(
    world: World,
) -> None:
    await indexed(world, 100)
    shorter = deepcopy(world.chain)
    await indexed(world, 100)
    world.chain = shorter
    world.write("after the end")
    world.chain.mine()
    with pytest.raises(ChainShorter):
        await world.index()
    _, generation = await begin(world.context(), PROJECTION, None)
    for _ in range(10):
        try:
            await world.index()
        except ChainShorter:
            continue
        break
    known = (await generations_of(world.store, [PROJECTION]))["notes"]
    assert (known.serving, known.retired) == (generation, (1,))
    told = await backlog(world)
    assert (told.indexed, told.beyond, told.retired) == (world.chain.block.number, 0, (1,))


async def test_a_generation_that_other_filters_began_does_not_serve_below_the_one_that_does(
    world: World,
) -> None:
    await indexed(world, 100)
    shorter = deepcopy(world.chain)
    await indexed(world, 100)
    world.chain = shorter
    wider = replace(PROJECTION, version=2)
    for _ in range(10):
        with pytest.raises(ChainShorter):
            await world.index(world.indexer(projection=wider))
    assert (await generations_of(world.store, [PROJECTION]))["notes"].serving == 1


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=200))
def test_landmarks_are_few_reach_back_to_the_first_and_are_nearer_the_newer_they_are(
    steps: list[int],
) -> None:
    passed, number, first = Landmarks(), 0, steps[0]
    for step in steps:
        number += step
        passed = Landmarks.of(passed.passed(number, number.to_bytes(32, "little")).packed)
    heights = [height for height, _ in passed.places]
    assert heights[0] == first
    assert heights == sorted(set(heights))
    assert all(mark == height.to_bytes(32, "little")[:8] for height, mark in passed.places)
    assert len(heights) <= 32
    assert number - heights[-1] < APART or heights == [first]


def test_landmarks_of_a_chain_that_is_followed_block_by_block_leave_no_gap_longer_than_their_age() -> None:
    passed = Landmarks()
    for number in range(0, 20_000, 5):
        passed = passed.passed(number, b"h" * 32)
        heights = [height for height, _ in passed.places]
        for low, high in itertools.pairwise(heights):
            assert high - low <= max(2 * APART, 2 * (number - high)), (low, high, number)
    assert [height for height, _ in passed.up_to(100).places][-1] <= 100


def test_a_checkpoint_that_goes_back_forgets_the_landmarks_above() -> None:
    passed = Landmarks().passed(100, b"a" * 32).passed(200, b"b" * 32).passed(300, b"c" * 32)
    here = Checkpoint(BASE, "notes@1", 340, b"d" * 32, landmarks=passed.packed)
    assert Landmarks.of(here.back(200, b"b" * 32).landmarks).places == passed.places[:2]
    assert here.back(99, b"e" * 32).landmarks == b""
