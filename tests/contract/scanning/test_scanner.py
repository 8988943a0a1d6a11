"""Every adapter of `Scanner`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from uuid import uuid4

import pytest

from colonnade.entities import Entity
from colonnade.scanning import Scanner
from colonnade.store import Item, Key, Store, Writes
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from infra.dynamodb import DynamoDBSettings, DynamoDBStore

Pair: TypeAlias = tuple[Store, Scanner]


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(datetime(2040, 1, 1, tzinfo=UTC))


@pytest.fixture(params=["memory", "dynamodb"])
def pair(request: pytest.FixtureRequest, clock: FrozenClock) -> Iterator[Pair]:
    """Every adapter in turn, with the store whose rows it walks."""
    if request.param == "memory":
        memory = MemoryStore(clock)
        yield memory, memory
        return
    settings: DynamoDBSettings = request.getfixturevalue("dynamodb")
    adapter = DynamoDBStore(settings, clock)
    yield adapter, adapter.scanner()
    adapter.close()


def entity(*, expires: bool = False) -> Entity:
    return Entity("scans", f"E{uuid4().hex}", partition="{id}", expires=expires)


async def walked(scanner: Scanner, of: Entity, limit: int) -> tuple[list[Item], int]:
    """All items of an entity, and how many rows were read for them."""
    found: list[Item] = []
    read = 0
    after: Key | None = None
    while True:
        page = await scanner.scan(of, after=after, limit=limit)
        assert page.read <= limit
        found += page.items
        read += page.read
        if page.next is None:
            return found, read
        after = page.next


@pytest.mark.parametrize("limit", [1, 7, 1_000])
async def test_a_walk_meets_each_item_of_the_entity_once_and_no_other(pair: Pair, limit: int) -> None:
    store, scanner = pair
    mine, others = entity(), entity()
    await store.transact(Writes([mine.put({"id": f"{n}", "n": n}) for n in range(30)]))
    await store.transact(Writes([others.put({"id": f"{n}"}) for n in range(10)]))

    found, read = await walked(scanner, mine, limit)

    assert sorted(int(str(item.attributes["n"])) for item in found) == list(range(30))
    assert read >= 40


async def test_an_entity_whose_name_begins_alike_is_another(pair: Pair) -> None:
    store, scanner = pair
    mine = entity()
    alike = Entity(mine.plugin, f"{mine.name}s", partition="{id}")
    await store.transact(Writes([mine.put({"id": "1"}), alike.put({"id": "2"})]))

    found, _ = await walked(scanner, mine, 100)

    assert [item.attributes["id"] for item in found] == ["1"]


async def test_expired_items_are_not_met(pair: Pair, clock: FrozenClock) -> None:
    store, scanner = pair
    mine = entity(expires=True)
    soon = int((clock.now() + timedelta(seconds=5)).timestamp())
    await store.transact(Writes([mine.put({"id": "1"}, expires_at=soon)]))
    clock.advance(timedelta(seconds=5))

    assert (await walked(scanner, mine, 100))[0] == []


async def test_a_walk_whose_rows_go_meanwhile_meets_the_rest(pair: Pair) -> None:
    store, scanner = pair
    mine = entity()
    await store.transact(Writes([mine.put({"id": f"{n}"}) for n in range(20)]))
    met: set[object] = set()
    after: Key | None = None
    while True:
        page = await scanner.scan(mine, after=after, limit=3)
        met |= {item.attributes["id"] for item in page.items}
        await store.transact(Writes([mine.delete(id=str(item.attributes["id"])) for item in page.items]))
        if page.next is None:
            break
        after = page.next

    assert len(met) == 20
