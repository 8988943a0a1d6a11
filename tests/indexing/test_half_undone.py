"""What is half undone, or stale, is not gone on with as if it were whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from colonnade.chains import BASE, BlockRef
from colonnade.errors import ConditionFailed, StoreUnavailable
from colonnade.indexing.generations import Generations
from colonnade.indexing.journal import CHECKPOINT, Checkpoint, Stretch
from colonnade.indexing.projecting import retracted
from colonnade.indexing.rebuilding import begin
from colonnade.indexing.tracks import Track, is_closed
from colonnade.store import Put, Writes
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from colonnade.testing.scripted_history import ScriptedHistory
from tests.indexing.chain_of_notes import NOTES, PROJECTION, World
from tests.indexing.test_indexer import Mortal

HERE = Checkpoint(BASE, "notes@1", 7, b"\x07" * 32, tells=True)
STRETCH = Stretch(BASE, "notes@1", 5, 7, b"\x07" * 32, b"\x04" * 32, (), written=2)


@pytest.fixture
def world() -> World:
    clock = FrozenClock()
    return World(MemoryStore(clock), clock)


async def test_blocks_that_come_back_while_they_are_undone_are_whole_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write(*(f"{number:03d}" for number in range(70)))
    world.chain.mine()
    await world.index()
    blocks = ScriptedHistory.blocks

    async def others(self: ScriptedHistory, numbers: Sequence[int]) -> Sequence[BlockRef | None]:
        found = await blocks(self, numbers)
        return [block and replace(block, hash=b"\xee" * 32) for block in found]

    with monkeypatch.context() as lying:
        lying.setattr(ScriptedHistory, "blocks", others)
        with pytest.raises(StoreUnavailable):
            await world.index(world.indexer(world.context(Mortal(world.store, 1, committed=True))))
    assert len(await world.kept()) == 40

    await world.index()
    assert await world.kept() == await world.on_chain()


@pytest.mark.parametrize(("tells", "said"), [(True, 1), (False, 0)])
def test_only_of_rows_that_readers_have_seen_it_is_said_that_they_are_gone(
    world: World, tells: bool, said: int
) -> None:
    track = Track(PROJECTION, Generations.first(PROJECTION), 1, replace(HERE, tells=tells), None)
    row = NOTES.item({"block": 7, "index": 0, "text": "gone"})

    assert len(retracted(world.context(), track, row)) == said


@pytest.mark.parametrize(
    "stale",
    [
        replace(HERE, number=6),
        replace(HERE, hash=b"\x08" * 32),
        replace(HERE, begun=True),
        replace(HERE, tells=False),
        replace(HERE, hash=b""),
    ],
)
async def test_a_checkpoint_that_is_another_by_now_is_not_moved(world: World, stale: Checkpoint) -> None:
    await world.store.transact(Writes([replace(HERE, hash=b"").move(HERE)]))

    for write in (stale.move(replace(HERE, number=9)), stale.check()):
        with pytest.raises(ConditionFailed):
            await world.store.transact(Writes([write]))
    await world.store.transact(Writes([HERE.move(replace(HERE, number=9))]))


@pytest.mark.parametrize("stale", [replace(STRETCH, written=1), replace(STRETCH, hash=b"\x08" * 32)])
async def test_a_stretch_that_is_another_by_now_is_left_alone(world: World, stale: Stretch) -> None:
    put = STRETCH.put(world.clock.now())
    assert isinstance(put, Put)
    await world.store.transact(Writes([put]))

    for write in (stale.advance(stale.written), stale.undo(0, 1), stale.delete(0), STRETCH.undo(1, 1)):
        with pytest.raises(ConditionFailed):
            await world.store.transact(Writes([write]))
    await world.store.transact(Writes([STRETCH.undo(0, 1)]))
    for write in (STRETCH.undo(0, 1), STRETCH.delete(0), STRETCH.advance(2)):
        with pytest.raises(ConditionFailed):
            await world.store.transact(Writes([write]))


async def test_nobody_goes_on_with_a_generation_that_serves_no_more(world: World) -> None:
    world.write("a")
    world.chain.mine()
    await world.index()
    await begin(world.context(), PROJECTION, None)
    await world.index()

    item = await world.store.get(CHECKPOINT.key(chain=BASE, track="notes@1"))
    assert item is not None
    assert is_closed(Checkpoint.of(BASE, "notes@1", item.attributes))
