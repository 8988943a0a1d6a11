"""All writes or none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from colonnade.conditions import absent, attribute, exists
from colonnade.errors import ConditionFailed, InvalidWrite
from colonnade.store import Check, Delete, Item, Key, Put, Store, Update, Write, Writes


async def test_every_kind_of_write_commits_together(store: Store, new_key: Callable[..., Key]) -> None:
    checked, deleted, updated, added = (new_key() for _ in range(4))
    await store.transact(Writes([Put(Item(key, {"n": 1})) for key in (checked, deleted, updated)]))
    await store.transact(
        Writes(
            [
                Check(checked, attribute("n").equals(1)),
                Delete(deleted, exists()),
                Update(updated, add={"n": 1}, condition=exists()),
                Put(Item(added, {"n": 3}), absent()),
            ]
        )
    )
    found = await store.batch_get([checked, deleted, updated, added])
    assert {key: item.attributes["n"] for key, item in found.items()} == {checked: 1, updated: 2, added: 3}


@pytest.mark.parametrize("position", [0, 1, 4])
async def test_one_failed_condition_stops_every_write(
    store: Store, new_key: Callable[..., Key], position: int
) -> None:
    kept, changed = Item(new_key(), {"n": 1}), Item(new_key(), {"n": 1})
    await store.transact(Writes([Put(kept), Put(changed)]))
    new = [new_key(), new_key()]
    writes: list[Write] = [
        Put(Item(new[0], {})),
        Update(new[1], add={"n": 1}),
        Delete(kept.key),
        Update(changed.key, add={"n": 1}),
    ]
    writes.insert(position, Check(new_key(), exists()))
    with pytest.raises(ConditionFailed) as refusal:
        await store.transact(Writes(writes))
    assert refusal.value.failed == {position: None}
    found = await store.batch_get([kept.key, changed.key, *new])
    assert found == {kept.key: kept, changed.key: changed}


async def test_a_hundred_writes_commit_together_and_one_more_is_refused(
    store: Store, new_key: Callable[..., Key]
) -> None:
    writes = Writes([Put(Item(new_key(), {"n": n}), absent()) for n in range(100)])
    await store.transact(writes)
    found = await store.batch_get([write.key for write in writes])
    assert len(found) == 100
    with pytest.raises(InvalidWrite, match="at most 100"):
        writes + Writes([Delete(new_key())])


async def test_two_writes_on_one_item_are_refused(store: Store, new_key: Callable[..., Key]) -> None:
    key = new_key()
    with pytest.raises(InvalidWrite, match="two writes"):
        await store.transact(Writes([Put(Item(key, {}))]) + Writes([Check(key, absent())]))


async def test_no_writes_at_all_succeed(store: Store) -> None:
    await store.transact(Writes())


async def test_a_put_replaces_the_whole_item(store: Store, new_key: Callable[..., Key]) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, {"a": 1, "b": 2}, {"gsi1": Key("x", "y")}, 4_000_000_000))]))
    await store.transact(Writes([Put(Item(key, {"a": 3}))]))
    assert await store.get(key) == Item(key, {"a": 3})


async def test_two_expired_items_are_updated_afresh_in_one_transaction(
    store: Store, new_key: Callable[..., Key], now: int
) -> None:
    gone, lasting = [new_key(), new_key()], new_key()
    await store.transact(Writes([Put(Item(key, {"n": 7}, expires_at=now - 1)) for key in gone]))
    await store.transact(Writes([Put(Item(lasting, {"n": 7}))]))
    await store.transact(Writes([Update(key, add={"n": 1}) for key in (*gone, lasting)]))
    found = await store.batch_get([*gone, lasting])
    assert [item.attributes["n"] for item in found.values()] == [1, 1, 8]
