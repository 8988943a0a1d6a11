"""What an update makes of an item, of none, and of an expired one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from colonnade.conditions import Condition, absent, attribute, exists
from colonnade.errors import ConditionFailed, InvalidWrite
from colonnade.store import Delete, Item, Key, Put, Query, Store, Update, Writes
from colonnade.testing.clock import FrozenClock


async def after(store: Store, update: Update, *, together: bool) -> Item | None:
    """The item after an update that was sent alone, or with another write."""
    companion = Delete(Key(update.key.partition, "companion"))
    await store.transact(Writes([update, companion] if together else [update]))
    return await store.get(update.key)


@pytest.fixture(params=[False, True], ids=["alone", "together"])
def together(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


async def test_an_update_sets_adds_and_removes_and_leaves_the_rest(
    store: Store, new_key: Callable[..., Key], together: bool
) -> None:
    before = Item(
        new_key(), {"set": 1, "sum": 40, "gone": 1, "kept": "k"}, {"gsi1": Key("a", "1")}, 4_000_000_000
    )
    await store.transact(Writes([Put(before)]))
    update = Update(
        before.key, set={"set": [2], "new": None}, add={"sum": 2, "count": -1}, remove=["gone", "never"]
    )
    assert await after(store, update, together=together) == Item(
        before.key,
        {"set": [2], "new": None, "sum": 42, "count": -1, "kept": "k"},
        before.index_keys,
        before.expires_at,
    )


async def test_an_update_creates_an_item_where_there_is_none(
    store: Store, new_key: Callable[..., Key], together: bool, now: int
) -> None:
    update = Update(
        new_key(), {"a": 1}, {"n": 5}, ["x"], None, {"gsi2": Key("i", "1"), "gsi1": None}, now + 9
    )
    expected = Item(update.key, {"a": 1, "n": 5}, {"gsi2": Key("i", "1")}, now + 9)
    assert await after(store, update, together=together) == expected


async def test_an_update_moves_an_item_in_the_indexes_it_names_and_in_no_other(
    store: Store, partition: str, new_key: Callable[..., Key], together: bool
) -> None:
    item = Item(
        new_key(),
        {},
        {"gsi1": Key(partition, "1"), "gsi2": Key(partition, "2"), "gsi3": Key(partition, "3")},
    )
    await store.transact(Writes([Put(item)]))
    update = Update(item.key, index_keys={"gsi1": Key(partition, "9"), "gsi2": None})
    moved = Item(item.key, {}, {"gsi1": Key(partition, "9"), "gsi3": Key(partition, "3")})
    assert await after(store, update, together=together) == moved
    assert (await store.query(Query(partition, "gsi1"))).items == (moved,)
    assert (await store.query(Query(partition, "gsi2"))).items == ()
    assert (await store.query(Query(partition, "gsi3"))).items == (moved,)


async def test_an_update_moves_or_lifts_the_expiry(
    store: Store, new_key: Callable[..., Key], clock: FrozenClock, now: int, together: bool
) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, {"a": 1}, expires_at=now + 10))]))
    assert await after(store, Update(key, expires_at=now + 20), together=together) == Item(
        key, {"a": 1}, {}, now + 20
    )
    clock.advance(15)
    assert await after(store, Update(key, expires_at="never"), together=together) == Item(key, {"a": 1})
    clock.advance(10_000)
    assert await store.get(key) is not None


async def test_of_an_expired_item_an_update_leaves_nothing(
    store: Store, new_key: Callable[..., Key], clock: FrozenClock, now: int, together: bool
) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, {"n": 5, "old": 1}, {"gsi1": Key("i", "1")}, now + 10))]))
    clock.advance(10)
    assert await after(store, Update(key, add={"n": 2}), together=together) == Item(key, {"n": 2})


async def test_of_an_expired_item_a_conditional_update_leaves_nothing(
    store: Store, new_key: Callable[..., Key], clock: FrozenClock, now: int, together: bool
) -> None:
    for condition in (absent(), ~attribute("n").equals(5), absent() | attribute("n").below(3)):
        key = new_key()
        await store.transact(Writes([Put(Item(key, {"n": 5, "old": 1}, expires_at=now + 10))]))
        clock.advance(10)
        update = Update(key, set={"m": 1}, condition=condition, expires_at=now + 100)
        assert await after(store, update, together=together) == Item(key, {"m": 1}, {}, now + 100)
        now += 10


@pytest.mark.parametrize(
    "condition", [exists(), attribute("n").equals(5), exists() & ~attribute("x").exists()]
)
async def test_an_update_of_what_must_exist_fails_of_an_expired_item(
    store: Store,
    new_key: Callable[..., Key],
    clock: FrozenClock,
    now: int,
    condition: Condition,
    together: bool,
) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, {"n": 5}, expires_at=now + 10))]))
    clock.advance(10)
    with pytest.raises(ConditionFailed) as refusal:
        await after(store, Update(key, add={"n": 1}, condition=condition), together=together)
    assert refusal.value.failed == {0: None}
    assert await store.get(key) is None


@pytest.mark.dynamodb_local
@pytest.mark.parametrize("present", ["text", True, None, [1]])
async def test_adding_to_what_is_no_number_is_refused(
    store: Store, new_key: Callable[..., Key], present: Any, together: bool
) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, {"n": present}))]))
    with pytest.raises(InvalidWrite, match="'n' is not a number"):
        await after(store, Update(key, add={"n": 1}), together=together)


@pytest.mark.parametrize(
    ("present", "amount"), [(10**38 - 1, 1), (5 * 10**37, 5 * 10**37), (-(10**38) + 1, -1)]
)
async def test_a_sum_of_ten_to_the_38_is_refused_and_nothing_changes(
    store: Store, new_key: Callable[..., Key], present: int, amount: int, together: bool
) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, {"n": present}))]))
    with pytest.raises(InvalidWrite, match="'n' would be"):
        await after(store, Update(key, add={"n": amount}), together=together)
    nearest = amount - 1 if amount > 0 else amount + 1
    expected = Item(key, {"n": present + nearest})
    assert await after(store, Update(key, add={"n": nearest}), together=together) == expected


async def test_a_failed_condition_tells_more_than_a_sum_that_does_not_fit(
    store: Store, new_key: Callable[..., Key], together: bool
) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, {"n": "text"}))]))
    with pytest.raises(ConditionFailed) as refusal:
        await after(store, Update(key, add={"n": 1}, condition=absent()), together=together)
    assert refusal.value.failed == {0: {"n": "text"}}


@pytest.mark.parametrize(
    ("update", "complaint"),
    [
        ({}, "changes nothing"),
        ({"condition": exists()}, "changes nothing"),
        ({"set": {"a": 1}, "add": {"a": 1}}, "a changed twice"),
        ({"set": {"a": 1}, "remove": ["a"]}, "a changed twice"),
        ({"remove": ["b", "b"]}, "b changed twice"),
        ({"add": {"a": True}}, "only an int"),
        ({"add": {"a": 1.5}}, "only an int"),
        ({"add": {"a": 10**38}}, "10\\^38"),
        ({"index_keys": {"gsi4": Key("a", "b")}}, "no index 'gsi4'"),
        ({"remove": [f"a{n}" for n in range(101)]}, "at most 100"),
        ({"add": {f"a{n}": 1 for n in range(41)}}, "at most 40"),
    ],
)
async def test_an_update_that_says_nothing_or_contradicts_itself_is_refused(
    store: Store, new_key: Callable[..., Key], update: dict[str, Any], complaint: str
) -> None:
    key = new_key()
    with pytest.raises(InvalidWrite, match=complaint):
        await store.transact(Writes([Update(key, **update)]))
    assert await store.get(key) is None


async def test_an_update_may_change_a_hundred_attributes_and_add_to_forty(
    store: Store, new_key: Callable[..., Key]
) -> None:
    key = new_key()
    update = Update(key, set={f"set-{n}": n for n in range(40)}, add={f"add-{n}": n for n in range(40)})
    await store.transact(Writes([update]))
    await store.transact(Writes([update]))
    item = await store.get(key)
    assert item is not None
    assert item.attributes == {f"set-{n}": n for n in range(40)} | {f"add-{n}": 2 * n for n in range(40)}
