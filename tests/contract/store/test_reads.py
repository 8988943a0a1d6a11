"""Reading by key, one at a time or many, and what time does to items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from colonnade.conditions import absent, exists
from colonnade.errors import ConditionFailed
from colonnade.store import Delete, Item, Key, Put, Query, Store, Writes
from colonnade.testing.clock import FrozenClock


async def test_nothing_is_found_where_nothing_was_written(store: Store, partition: str) -> None:
    key = Key(partition, "1")
    assert await store.get(key) is None
    assert await store.batch_get([key]) == {}
    page = await store.query(Query(partition))
    assert (page.items, page.next) == ((), None)


async def test_a_batch_gives_the_items_that_exist_by_their_keys(
    store: Store, new_key: Callable[..., Key]
) -> None:
    items = {key: Item(key, {"n": n}) for n, key in enumerate(new_key() for _ in range(60))}
    await store.transact(Writes([Put(item) for item in items.values()]))
    missing = [new_key() for _ in range(40)]
    found = await store.batch_get([*missing, *items])
    assert found == items
    assert list(found) == list(items)


async def test_a_batch_takes_keys_twice_and_none_at_all(store: Store, new_key: Callable[..., Key]) -> None:
    item = Item(new_key(), {})
    await store.transact(Writes([Put(item)]))
    assert await store.batch_get([item.key] * 150) == {item.key: item}
    assert await store.batch_get([]) == {}


async def test_a_batch_of_more_than_100_keys_is_a_mistake(store: Store, new_key: Callable[..., Key]) -> None:
    with pytest.raises(ValueError, match="at most 100"):
        await store.batch_get([new_key() for _ in range(101)])


async def test_a_batch_is_whole_however_large_its_items_are(
    store: Store, new_key: Callable[..., Key]
) -> None:
    items = {
        key: Item(key, {"data": f"{n % 10}" * 390_000}) for n, key in enumerate(new_key() for _ in range(50))
    }
    puts = [Put(item) for item in items.values()]
    for start in range(0, 50, 10):
        await store.transact(Writes(puts[start : start + 10]))
    assert await store.batch_get(list(items)) == items


async def test_an_item_expires_at_its_second_and_not_before(
    store: Store, partition: str, clock: FrozenClock, now: int
) -> None:
    key = Key(partition, "1")
    item = Item(key, {"a": 1}, {"gsi1": Key(partition, "x")}, now + 10)
    lasting = Item(Key(partition, "2"), {"a": 1}, {"gsi1": Key(partition, "y")})
    await store.transact(Writes([Put(item), Put(lasting)]))
    clock.advance(timedelta(seconds=9, milliseconds=999))
    assert await store.get(key) == item
    assert await store.batch_get([key, lasting.key]) == {key: item, lasting.key: lasting}
    assert (await store.query(Query(partition))).items == (item, lasting)
    assert (await store.query(Query(partition, "gsi1"))).items == (item, lasting)
    clock.advance(timedelta(milliseconds=1))
    assert await store.get(key) is None
    assert await store.batch_get([key, lasting.key]) == {lasting.key: lasting}
    assert (await store.query(Query(partition))).items == (lasting,)
    assert (await store.query(Query(partition, "gsi1"))).items == (lasting,)


async def test_an_item_may_be_written_already_expired(
    store: Store, new_key: Callable[..., Key], now: int
) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, {}, expires_at=now))]))
    assert await store.get(key) is None


async def test_the_place_of_an_expired_item_is_free(
    store: Store, new_key: Callable[..., Key], clock: FrozenClock, now: int
) -> None:
    key = new_key()
    await store.transact(
        Writes([Put(Item(key, {"owner": "ada"}, {"gsi1": Key("a", "b")}, now + 10), absent())])
    )
    with pytest.raises(ConditionFailed):
        await store.transact(Writes([Put(Item(key, {"owner": "bob"}), absent())]))
    clock.advance(10)
    with pytest.raises(ConditionFailed):
        await store.transact(Writes([Delete(key, exists())]))
    await store.transact(Writes([Put(Item(key, {"owner": "bob"}), absent())]))
    assert await store.get(key) == Item(key, {"owner": "bob"})


async def test_removing_what_is_not_there_succeeds(store: Store, new_key: Callable[..., Key]) -> None:
    key = new_key()
    await store.transact(Writes([Delete(key)]))
    await store.transact(Writes([Put(Item(key, {}))]))
    await store.transact(Writes([Delete(key, exists())]))
    assert await store.get(key) is None
