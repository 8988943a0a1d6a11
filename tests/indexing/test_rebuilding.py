"""Rows are made anew beside those that serve, and take their place; docs/runbook/rebuild-a-projection.md."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from colonnade.chain_logs import ChainLogs, IndexedTransaction
from colonnade.context import Context
from colonnade.errors import ConfigurationError, InvalidCursor, StoreUnavailable
from colonnade.indexing.generations import Generations, entity_of
from colonnade.indexing.rebuilding import Rebuild, begin
from colonnade.indexing.serving import KNOWN, Serving, ServingStore
from colonnade.indexing.tracks import generations_of
from colonnade.store import Delete, Item, Store, Writes
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from colonnade.work.operations import Operation, OperationStatus
from tests.indexing.chain_of_notes import NOTES, OTHER, PROJECTION, Retracted, World, Written, keep
from tests.indexing.test_indexer import Mortal


@pytest.fixture
def world() -> World:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.final_after = 5
    world.chain.mine(6)
    return world


async def filled(world: World) -> None:
    for text in "abc":
        world.write(text)
        world.chain.mine()
    await world.index()


def seen(world: World, seconds: list[float]) -> Store:
    """The store as plugins see it."""
    return ServingStore(world.store, Serving(world.store, {"notes#Note": "notes"}, lambda: seconds[0]))


async def texts(store: Store) -> list[str]:
    return [str(item.attributes["text"]) for item in (await store.query(NOTES.query(limit=1_000))).items]


async def generations(world: World) -> Generations:
    return (await generations_of(world.store, [PROJECTION]))["notes"]


async def damage(world: World) -> None:
    (damaged, *_) = (await world.store.query(NOTES.query(limit=1))).items
    await world.store.transact(Writes([Delete(damaged.key)]))


async def rebuilt(world: World, projection: ChainLogs = PROJECTION) -> Operation:
    """A whole rebuild, the indexer working whenever the operator's part waits."""
    context = world.context()
    operation, generation = await begin(context, projection, None)
    running = await context.operations.take(operation.id, "operator")
    assert running is not None

    async def meanwhile(seconds: float) -> None:
        await world.index(world.indexer(projection=projection))
        await asyncio.sleep(0)

    await Rebuild(context, world.store, projection, meanwhile).follow(running, generation)  # type: ignore[arg-type]
    found = await context.operations.find(operation.id)
    assert found is not None
    return found


async def test_a_rebuilt_projection_equals_the_chain_and_the_old_rows_are_deleted(world: World) -> None:
    await filled(world)
    await damage(world)
    seconds = [0.0]
    reader = seen(world, seconds)
    assert await texts(reader) == ["b", "c"]
    operation = await rebuilt(world)
    seconds[0] += KNOWN
    assert operation.status is OperationStatus.DONE
    assert await texts(reader) == await world.on_chain() == ["a", "b", "c"]
    assert await world.kept() == [], "the first generation's rows are gone"
    assert (await generations(world)).retired == ()


async def test_the_old_rows_serve_until_the_new_are_complete(world: World) -> None:
    world.chain.mine(1_000)
    await filled(world)
    await begin(world.context(), PROJECTION, None)
    reader = seen(world, [0.0])
    await world.indexer().advance(world.chain.block)
    assert (await generations(world)).serving == 1
    assert await texts(reader) == ["a", "b", "c"]
    world.write("d")
    head = world.chain.mine()
    await world.indexer().advance(head)
    assert await texts(reader) == ["a", "b", "c", "d"], "what comes meanwhile is indexed at once"


async def test_nobody_is_told_again_of_rows_that_are_made_anew(world: World) -> None:
    await filled(world)
    await rebuilt(world)
    assert (await world.told(Written), await world.told(Retracted)) == (["a", "b", "c"], [])
    world.write("d")
    world.chain.mine()
    await world.index()
    world.chain.reorganise(1, including=[])
    await world.index()
    assert await world.told(Written) == ["a", "b", "c", "d"]
    assert await world.told(Retracted) == ["d"]


async def test_a_list_that_was_begun_before_the_switch_goes_on_after_it(world: World) -> None:
    await filled(world)
    seconds = [0.0]
    reader = seen(world, seconds)
    first = await reader.query(NOTES.query(limit=1))
    await rebuilt(world)
    seconds[0] += KNOWN
    rest = await reader.query(replace(NOTES.query(limit=10), after=first.next))
    assert [item.attributes["text"] for item in rest.items] == ["b", "c"]
    found = await reader.batch_get([item.key for item in (*first.items, *rest.items)])
    assert [found[item.key] for item in rest.items] == list(rest.items)
    assert await reader.get(first.items[0].key) == first.items[0]
    assert rest.next is None
    with pytest.raises(InvalidCursor):
        replace(entity_of(NOTES, 2).query(), after=first.next)


async def test_other_filters_are_indexed_anew_beside_what_serves(world: World) -> None:
    await filled(world)
    world.write("other", topic=OTHER)
    world.chain.mine()
    await world.index()
    wider = replace(PROJECTION, topics=(*PROJECTION.topics, OTHER))
    await world.index(world.indexer(projection=wider))
    assert (await generations(world)).serving == 2
    assert await texts(seen(world, [0.0])) == ["a", "b", "c", "other"]


async def test_another_version_of_a_projection_is_indexed_anew(world: World) -> None:
    async def loud(context: Context, found: IndexedTransaction) -> Sequence[Item]:
        return [
            NOTES.item({**row.attributes, "text": str(row.attributes["text"]).upper()})
            for row in await keep(context, found)
        ]

    await filled(world)
    await world.index(world.indexer(projection=replace(PROJECTION, project=loud, version=2)))
    assert await texts(seen(world, [0.0])) == ["A", "B", "C"]


@pytest.mark.parametrize("writes", range(1, 9))
async def test_a_killed_rebuild_is_continued(world: World, writes: int) -> None:
    await filled(world)
    await damage(world)
    mortal = world.context(Mortal(world.store, writes, committed=writes % 2 == 0))

    async def meanwhile(seconds: float) -> None:
        await world.index()

    try:
        operation, generation = await begin(mortal, PROJECTION, None)
        running = await mortal.operations.take(operation.id, "operator")
        assert running is not None
        await Rebuild(mortal, world.store, PROJECTION, meanwhile).follow(running, generation)  # type: ignore[arg-type]
    except StoreUnavailable:
        context = world.context()
        operation, generation = await begin(context, PROJECTION, None)
        running = await context.operations.take(operation.id, "operator")
        if running is not None:
            await Rebuild(context, world.store, PROJECTION, meanwhile).follow(running, generation)  # type: ignore[arg-type]
    assert await texts(seen(world, [0.0])) == ["a", "b", "c"]
    assert await world.kept() == []
    assert (await generations(world)).retired == ()


async def test_a_rebuild_follows_a_chain_that_is_reorganised_meanwhile(world: World) -> None:
    await filled(world)
    await begin(world.context(), PROJECTION, None)
    await world.indexer().advance(world.chain.block)
    world.chain.reorganise(2, including=[])
    world.write("d")
    world.chain.mine(2)
    await world.index()
    assert (await generations(world)).serving == 2
    assert await texts(seen(world, [0.0])) == await world.on_chain()


async def test_a_projection_that_names_no_entities_cannot_be_rebuilt(world: World) -> None:
    nameless = replace(PROJECTION, entities=())
    await world.index(world.indexer(projection=nameless))
    with pytest.raises(ConfigurationError, match="entities"):
        await begin(world.context(), nameless, None)
    with pytest.raises(ConfigurationError, match="not indexed yet"):
        await begin(world.context(), replace(PROJECTION, name="unknown"), None)
