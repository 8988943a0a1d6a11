"""An index from before each projection had a checkpoint of its own is gone on with: no block twice, and none left out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from colonnade.chains import BASE
from colonnade.indexing.adopting import FORMER_CHECKPOINT, FORMER_STRETCH
from colonnade.indexing.indexer import Indexer
from colonnade.indexing.projecting import projected
from colonnade.indexing.reading import read
from colonnade.indexing.tracks import tracks_of
from colonnade.store import Value, Writes
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.indexing.chain_of_notes import PROJECTION, Retracted, World, Written


@pytest.fixture
def world() -> World:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.mine(3)
    return world


async def indexed_as_before(world: World, *texts: str, written: int | None = None) -> None:
    """A block with these notes, kept by the indexer as it was; `written`: how many, where it was killed at that."""
    before = world.chain.block
    world.write(*texts)
    block = world.chain.mine()
    fresh = World(MemoryStore(world.clock), world.clock)
    (track,) = await tracks_of(fresh.store, BASE, [PROJECTION], block.number, 1, world.clock.now())
    found = await read(world.history, [PROJECTION], block.number, block.number)
    track = replace(track, here=replace(track.here, tells=True))
    made = [unit for _, one in found.transactions for unit in await projected(world.context(), track, one)]
    rows: list[Value] = [["notes", key.partition, key.sort] for key, _ in made]
    stretch: dict[str, Value] = {
        "chain": BASE,
        "first": block.number,
        "last": block.number,
        "hash": block.hash,
        "before": before.hash,
        "rows": rows,
        "written": 1,
        "removed": 0,
    }
    at = block if written is None else before
    checkpoint: dict[str, Value] = {"chain": BASE, "number": at.number, "hash": at.hash}
    writes = Writes([FORMER_CHECKPOINT.put(checkpoint), FORMER_STRETCH.put(stretch, expires_at=2**32)])
    for _, kept in made[:written]:
        writes += kept
    await world.store.transact(writes)


async def index(world: World) -> None:
    """Index as a deployment does that was told of no block to begin at."""
    await world.index(Indexer(world.context(), world.history, [PROJECTION], start=None))


async def test_what_was_indexed_is_gone_on_with_where_it_ended(world: World) -> None:
    await indexed_as_before(world, "a")
    world.write("while it was upgraded")
    world.chain.mine(5)
    await index(world)
    assert await world.kept() == await world.on_chain() == ["a", "while it was upgraded"]
    assert await world.told(Written) == ["a", "while it was upgraded"]


async def test_a_reorganisation_after_the_upgrade_takes_back_what_was_indexed_before_it(world: World) -> None:
    await indexed_as_before(world, "a")
    await indexed_as_before(world, "lost", "lost too")
    world.chain.reorganise(1, including=[])
    world.chain.mine(2)
    await index(world)
    assert (await world.kept(), await world.told(Retracted)) == (await world.on_chain(), ["lost", "lost too"])


async def test_what_was_half_written_at_the_upgrade_is_written_whole(world: World) -> None:
    await indexed_as_before(world, "a")
    await indexed_as_before(world, "b", "c", "d", written=1)
    await index(world)
    assert await world.kept() == ["a", "b", "c", "d"]
    net = await world.told(Written)
    for text in await world.told(Retracted):
        net.remove(text)
    assert net == ["a", "b", "c", "d"]


async def test_what_is_installed_after_the_upgrade_begins_where_it_says(world: World) -> None:
    await indexed_as_before(world, "a")
    await index(world)
    later = replace(PROJECTION, name="later", start=1, entities=(), announce=None, retract=None)
    tracks = await tracks_of(world.store, BASE, [PROJECTION, later], 9, None, world.clock.now())
    assert [track.here.number for track in tracks] == [world.chain.block.number, 0]
