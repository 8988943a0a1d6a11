"""Numbers given out by one item: each once, in order, however many ask."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from colonnade.errors import InvalidWrite
from colonnade.store import Item, Key, Put, Query, Store, Update, Writes
from colonnade.testing.clock import FrozenClock

THREADS = 16


async def numbers_taken_at_once(store: Store, key: Key, threads: int, each: int) -> Sequence[list[int]]:
    """What each of `threads`, set off at once with an event loop of its own, was given, in its order."""
    start = threading.Barrier(threads)

    async def take() -> list[int]:
        return [await store.increment(key, "last") for _ in range(each)]

    def run(_: int) -> list[int]:
        start.wait()
        return asyncio.run(take())

    def all_of_them() -> Sequence[list[int]]:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(run, range(threads)))

    return await asyncio.to_thread(all_of_them)


async def test_numbers_are_given_in_order_from_one(store: Store, new_key: Callable[..., Key]) -> None:
    key = new_key()
    assert [await store.increment(key, "last") for _ in range(3)] == [1, 2, 3]
    assert await store.get(key) == Item(key, {"last": 3})


async def test_a_block_of_numbers_is_taken_at_once(store: Store, new_key: Callable[..., Key]) -> None:
    key = new_key()
    assert [await store.increment(key, "last", by) for by in (10, 1, 10**30)] == [10, 11, 11 + 10**30]


async def test_attributes_and_items_count_apart(store: Store, new_key: Callable[..., Key]) -> None:
    one, other = new_key(), new_key()
    taken = [(one, "a"), (one, "b"), (other, "a"), (one, "a")]
    assert [await store.increment(key, name) for key, name in taken] == [1, 1, 1, 2]


async def test_the_rest_of_an_item_is_left_alone(
    store: Store, partition: str, new_key: Callable[..., Key], now: int
) -> None:
    before = Item(new_key(), {"last": -3, "kept": ["k"]}, {"gsi1": Key(partition, "1")}, now + 10)
    await store.transact(Writes([Put(before)]))
    assert await store.increment(before.key, "last") == -2
    after = Item(before.key, {"last": -2, "kept": ["k"]}, before.index_keys, before.expires_at)
    assert await store.get(before.key) == after
    assert (await store.query(Query(partition, "gsi1"))).items == (after,)


async def test_an_increment_and_an_update_count_on_together(
    store: Store, new_key: Callable[..., Key]
) -> None:
    key = new_key()
    assert await store.increment(key, "last") == 1
    await store.transact(Writes([Update(key, add={"last": 5})]))
    assert await store.increment(key, "last") == 7


async def test_an_expired_item_counts_anew_and_keeps_nothing(
    store: Store, partition: str, new_key: Callable[..., Key], clock: FrozenClock, now: int
) -> None:
    key = new_key()
    old = Item(key, {"last": 40, "old": 1}, {"gsi1": Key(partition, "1")}, now + 10)
    await store.transact(Writes([Put(old)]))
    clock.advance(10)
    assert [await store.increment(key, "last", 2), await store.increment(key, "last")] == [2, 3]
    assert await store.get(key) == Item(key, {"last": 3})


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("present", ["text", True, None, [1]])
async def test_what_is_no_number_does_not_count_on(
    store: Store, new_key: Callable[..., Key], present: Any
) -> None:
    item = Item(new_key(), {"last": present})
    await store.transact(Writes([Put(item)]))
    with pytest.raises(InvalidWrite, match="'last' is not a number"):
        await store.increment(item.key, "last")
    assert await store.get(item.key) == item


async def test_the_last_number_is_below_ten_to_the_38(store: Store, new_key: Callable[..., Key]) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, {"last": 10**38 - 3}))]))
    with pytest.raises(InvalidWrite, match="'last' would be"):
        await store.increment(key, "last", 3)
    assert await store.increment(key, "last", 2) == 10**38 - 1
    with pytest.raises(InvalidWrite, match="'last' would be"):
        await store.increment(key, "last")
    assert await store.get(key) == Item(key, {"last": 10**38 - 1})


@pytest.mark.parametrize(
    ("name", "by", "complaint"),
    [
        ("last", 0, "by 1 or more"),
        ("last", -1, "by 1 or more"),
        ("last", True, "only an int"),
        ("last", 1.0, "only an int"),
        ("last", 10**38, "10\\^38"),
        ("", 1, "a name is"),
        ("_pk", 1, "belong to the store"),
    ],
)
async def test_what_would_give_a_number_twice_or_none_is_refused(
    store: Store, new_key: Callable[..., Key], name: str, by: Any, complaint: str
) -> None:
    key = new_key()
    with pytest.raises(InvalidWrite, match=complaint):
        await store.increment(key, name, by)
    assert await store.get(key) is None


@pytest.mark.parametrize("key", [Key("", "s"), Key("p", ""), Key("p" * 2_049, "s"), Key("p", "\ud800")])
async def test_a_key_that_no_item_has_is_refused(store: Store, key: Key) -> None:
    with pytest.raises(InvalidWrite, match="keys hold"):
        await store.increment(key, "last")


@pytest.mark.parametrize("threads", [2, THREADS])
async def test_threads_at_once_get_every_number_once_each_in_its_order(
    store: Store, new_key: Callable[..., Key], threads: int
) -> None:
    given = await numbers_taken_at_once(store, new_key(), threads, 10)
    assert sorted(number for mine in given for number in mine) == list(range(1, threads * 10 + 1))
    assert all(mine == sorted(mine) for mine in given)


async def test_threads_that_meet_an_expired_item_at_once_get_every_number_once(
    store: Store, new_key: Callable[..., Key], clock: FrozenClock, now: int
) -> None:
    for _ in range(3):
        key = new_key()
        await store.transact(Writes([Put(Item(key, {"last": 40}, expires_at=now))]))
        given = await numbers_taken_at_once(store, key, THREADS, 1)
        assert sorted(number for mine in given for number in mine) == list(range(1, THREADS + 1))


async def test_increments_and_transactions_at_once_lose_nothing(
    store: Store, new_key: Callable[..., Key]
) -> None:
    key, start = new_key(), threading.Barrier(8)

    async def work(n: int) -> list[int]:
        if n % 2:
            await store.transact(Writes([Update(key, add={"last": 100}), Put(Item(new_key(), {"by": n}))]))
            return []
        return [await store.increment(key, "last") for _ in range(5)]

    def run(n: int) -> list[int]:
        start.wait()
        return asyncio.run(work(n))

    with ThreadPoolExecutor(8) as pool:
        given = [number for mine in pool.map(run, range(8)) for number in mine]
    assert len(given) == len(set(given)) == 20
    assert await store.get(key) == Item(key, {"last": 420})
