"""What is indexed is what the chain says now, each row told of once."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.chain_logs import IndexedTransaction
from colonnade.chains import Receipt
from colonnade.context import Context
from colonnade.errors import BlockVanished, ConditionFailed, StoreUnavailable
from colonnade.indexing import indexer as indexing
from colonnade.indexing import rewinding, writing
from colonnade.store import Item, Store, Writes
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.indexing.chain_of_notes import OTHER, PROJECTION, Retracted, World, Written, keep
from tests.soak.cases import cases


@pytest.fixture
def world() -> World:
    return new_world()


def new_world() -> World:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.final_after = 5
    world.chain.mine(6)
    return world


class Mortal:
    """A store whose user is killed at the `writes`-th transaction, before or after it is committed."""

    def __init__(self, store: Store, writes: int, *, committed: bool) -> None:
        self._store = store
        self._left = writes
        self._committed = committed
        self.get, self.batch_get, self.query = store.get, store.batch_get, store.query
        self.increment = store.increment

    async def transact(self, writes: Writes) -> None:
        self._left -= 1
        if self._left == 0 and not self._committed:
            raise StoreUnavailable("killed")
        await self._store.transact(writes)
        if self._left == 0:
            raise StoreUnavailable("killed")


async def test_every_wanted_log_becomes_a_row_and_an_event(world: World) -> None:
    world.write("a", "b")
    world.write("not wanted", topic=OTHER)
    world.chain.mine()
    world.write("c")
    world.chain.mine()
    await world.index()
    assert await world.kept() == await world.on_chain() == ["a", "b", "c"]
    assert await world.told(Written) == ["a", "b", "c"]


async def test_nothing_before_the_start_is_indexed(world: World) -> None:
    world.write("early")
    block = world.chain.mine()
    world.write("late")
    world.chain.mine()
    await world.index(replace(world.indexer(), start=block.number + 1))
    assert await world.kept() == ["late"]


async def test_a_reorganisation_takes_rows_back_and_says_so(world: World) -> None:
    kept = world.write("kept")
    world.chain.mine()
    await world.index()
    world.write("taken back")
    world.chain.mine(2)
    await world.index()
    world.chain.reorganise(2, including=[])
    await world.index()
    assert kept
    assert await world.kept() == ["kept"]
    assert await world.told(Retracted) == ["taken back"]


async def test_a_transaction_that_is_mined_again_elsewhere_is_indexed_again(world: World) -> None:
    transaction = world.write("again")
    world.chain.mine()
    await world.index()
    world.chain.reorganise(1, including=[transaction])
    await world.index()
    assert await world.kept() == ["again"]
    assert (await world.told(Written), await world.told(Retracted)) == (["again", "again"], ["again"])


async def test_a_chain_shorter_than_what_is_remembered_is_a_reorganisation(world: World) -> None:
    world.write("lost")
    world.chain.mine(5)
    await world.index()
    shorter = World(world.store, world.clock)
    shorter.chain.final_after = 1
    shorter.write("new")
    shorter.chain.mine()
    await shorter.index()
    assert await shorter.kept() == ["new"]


async def test_a_wide_range_is_asked_for_in_pieces(world: World) -> None:
    world.chain.widest_logs = 3
    for text in "abcdefgh":
        world.write(text)
        world.chain.mine()
    await world.index()
    assert await world.kept() == list("abcdefgh")


async def test_a_block_with_more_logs_than_a_node_gives_does_not_stop_the_chain(world: World) -> None:
    """Anybody can write that many."""
    world.write("wanted")
    world.write("not wanted", topic=OTHER)
    world.chain.mine()
    world.chain.widest_logs = 0
    await world.index()
    assert await world.kept() == ["wanted"]


async def test_what_one_stretch_does_not_hold_is_not_read_for_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "MOST_TRANSACTIONS", 3)
    texts = [f"{number:02d}" for number in range(20)]
    for at in range(0, 20, 2):
        for text in texts[at : at + 2]:
            world.write(text)
        world.chain.mine()
    for text in ("a", "b", "c", "d", "e"):
        world.write(text)
    world.chain.mine()
    asked: list[int] = []
    history = world.history
    receipts = history.receipts

    async def counted(hashes: Sequence[bytes]) -> Sequence[Receipt | None]:
        asked.append(len(hashes))
        return await receipts(hashes)

    history.receipts = counted  # type: ignore[method-assign]
    await world.index(replace(world.indexer(), history=history))
    assert await world.kept() == [*texts, "a", "b", "c", "d", "e"]
    # Two to a block, and then a block that is not cut.
    assert asked == [2] * 10 + [5]


async def test_a_block_with_more_rows_than_a_transaction_holds_is_whole(world: World) -> None:
    texts = [f"{n:03d}" for n in range(150)]
    world.write(*texts)
    world.chain.mine()
    await world.index()
    assert await world.kept() == texts
    assert await world.told(Written) == texts


async def test_a_change_while_reading_is_noticed(world: World) -> None:
    world.write("doubtful")
    world.chain.mine()

    async def meanwhile(context: Context, found: IndexedTransaction) -> Sequence[Item]:
        return await keep(context, found)

    history = world.history
    logs = history.logs

    async def reorganised(*asked: object) -> object:
        found = await logs(*asked)  # type: ignore[arg-type]
        world.chain.reorganise(1, including=[])
        return found

    history.logs = reorganised  # type: ignore[assignment,method-assign]
    doubtful = replace(world.indexer(projection=replace(PROJECTION, project=meanwhile)), history=history)
    with pytest.raises(BlockVanished):
        await doubtful.advance(world.chain.block)
    await world.index()
    assert await world.kept() == []


async def test_of_two_indexers_at_once_one_writes(world: World) -> None:
    world.write("once")
    head = world.chain.mine()
    second = world.indexer()

    async def overtaken(context: Context, found: IndexedTransaction) -> Sequence[Item]:
        await second.advance(head)
        return await keep(context, found)

    first = world.indexer(projection=replace(PROJECTION, project=overtaken))
    with pytest.raises(ConditionFailed):
        await first.advance(head)
    assert await world.told(Written) == ["once"]


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("writes", [1, 2, 3, 4, 5, 6])
async def test_a_killed_indexer_is_continued(world: World, writes: int, committed: bool) -> None:
    texts = [f"{n:03d}" for n in range(120)]
    world.write(*texts)
    world.chain.mine()
    mortal = world.indexer(world.context(Mortal(world.store, writes, committed=committed)))
    try:
        await world.index(mortal)
        world.chain.reorganise(1, including=[])
        await world.index(mortal)
    except StoreUnavailable:
        await world.index()
    assert await world.kept() == await world.on_chain()
    told, retracted = await world.told(Written), await world.told(Retracted)
    assert sorted(Counter(told) - Counter(retracted)) == await world.kept()
    assert set(Counter(told).values()) == {1}


async def test_a_stretch_that_another_version_began_is_begun_anew(world: World) -> None:
    async def all_but_the_first(context: Context, found: IndexedTransaction) -> Sequence[Item]:
        return (await keep(context, found))[1:]

    texts = [f"{n:03d}" for n in range(120)]
    world.write(*texts)
    world.chain.mine()
    with pytest.raises(StoreUnavailable):
        await world.index(world.indexer(world.context(Mortal(world.store, 2, committed=True))))
    await world.index(world.indexer(projection=replace(PROJECTION, project=all_but_the_first)))
    assert await world.kept() == texts[1:]


STEPS = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 60)),
    st.tuples(st.just("mine"), st.integers(1, 3)),
    st.tuples(st.just("reorganise"), st.integers(1, 5)),
    st.tuples(st.just("look"), st.just(1)),
    st.tuples(st.just("die"), st.integers(1, 8)),
)


@cases(60)
@given(st.lists(STEPS, min_size=1, max_size=25), st.booleans(), st.integers(1, 30))
async def test_whatever_happens_rows_and_events_end_as_the_chain_says(
    steps: list[tuple[str, int]], committed: bool, together: int
) -> None:
    world = new_world()
    number = 0
    with pytest.MonkeyPatch.context() as patch:
        for module in (writing, rewinding):
            patch.setattr(module, "ROWS", together)
        for step, size in steps:
            match step:
                case "write":
                    world.write(*(f"{number + n:05d}" for n in range(size)))
                    number += size
                case "mine":
                    world.chain.mine(size)
                case "reorganise":
                    world.chain.reorganise(size, including=[])
                case "look":
                    await world.indexer().advance(world.chain.block)
                case _:
                    mortal = Mortal(world.store, size, committed=committed)
                    with contextlib.suppress(StoreUnavailable):
                        await world.index(world.indexer(world.context(mortal)))
        await world.index()
    assert await world.kept() == await world.on_chain()
    net = Counter(await world.told(Written))
    net.subtract(await world.told(Retracted))
    assert +net == Counter(await world.kept())
    assert all(count >= 0 for count in net.values())


async def test_round_trips_and_writes_of_a_stretch(world: World) -> None:
    await world.index()
    world.write("counted")
    head = world.chain.mine()
    before = world.chain.round_trips
    await world.indexer().advance(head)
    # The checkpoint's block, the last block, the logs, the receipts, and the blocks again.
    assert world.chain.round_trips - before == 5
