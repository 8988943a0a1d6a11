"""docs/operations.md, "Rebuild what is indexed": the rows of a chain come back from its logs alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from colonnade.chains import BASE
from colonnade.indexing.journal import CHECKPOINT, STRETCH
from colonnade.store import Delete, Key, Query, Writes
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from tests.indexing.chain_of_notes import NOTES, World

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"


async def delete_all(world: World, query: Query) -> int:
    """Every row that a query finds, and how many these were."""
    found = (await world.store.query(query)).items
    for item in found:
        await world.store.transact(Writes([Delete(item.key)]))
    return len(found)


async def test_without_checkpoint_and_journal_a_chain_is_indexed_anew_from_its_start() -> None:
    clock = FrozenClock()
    world = World(MemoryStore(clock), clock)
    world.chain.mine(6)
    indexer = replace(world.indexer(), start=1)
    for text in ("a", "b", "c"):
        world.write(text)
        world.chain.mine()
        await world.index(indexer)
    (damaged, *_) = (await world.store.query(NOTES.query(limit=1))).items
    await world.store.transact(Writes([Delete(damaged.key)]))
    await world.index(indexer)
    assert await world.kept() != await world.on_chain(), "nothing is looked at twice by itself"

    assert await delete_all(world, STRETCH.query(chain=BASE, track="notes@1", limit=100)) == 3
    await world.store.transact(Writes([Delete(CHECKPOINT.key(chain=BASE, track="notes@1"))]))
    await world.index(indexer)
    assert await world.kept() == await world.on_chain() == ["a", "b", "c"]


def test_the_page_names_the_rows_as_they_are() -> None:
    page = PAGE.read_text()

    def named(key: Key) -> bool:
        return key.partition in page

    assert named(CHECKPOINT.key(chain=BASE, track="notes@1"))
    assert named(STRETCH.key(chain=BASE, track="notes@1", first=1))
