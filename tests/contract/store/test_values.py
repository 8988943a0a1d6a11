"""What an item may hold, and that it comes back as it was."""

from __future__ import annotations

import enum
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from colonnade.conditions import absent
from colonnade.errors import InvalidWrite
from colonnade.store import IndexName, Item, Key, Put, Store, Update, Value, Writes


class Status(enum.StrEnum):
    OPEN = "open"


class OldStatus(str, enum.Enum):  # noqa: UP042 - whose str() is not its value
    OPEN = "open"


async def stored(store: Store, key: Key, **attributes: Any) -> dict[str, Value]:
    await store.transact(Writes([Put(Item(key, attributes))]))
    item = await store.get(key)
    assert item is not None
    return dict(item.attributes)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "text",
        "naïve 🏛 \x00\n",
        0,
        -1,
        10**38 - 1,
        -(10**38) + 1,
        10**37,
        True,
        False,
        None,
        b"",
        b"\x00\xff",
        [],
        {},
        [1, "1", True, None, [b"1"], {"one": 1}],
        {"name": {"deep": [{"er": -5}]}, "a.b": 1, "_inner": 2},
    ],
    ids=repr,
)
async def test_an_attribute_comes_back_as_it_was(
    store: Store, new_key: Callable[..., Key], value: Value
) -> None:
    found = (await stored(store, new_key(), attribute=value))["attribute"]
    assert found == value
    assert type(found) is type(value)
    assert repr(found) == repr(value)  # tells True from 1 at every depth


async def test_a_whole_item_comes_back_as_it_was(store: Store, new_key: Callable[..., Key], now: int) -> None:
    index_keys: dict[IndexName, Key] = {"gsi1": Key("topic", "1"), "gsi3": Key("owner", "x")}
    item = Item(new_key(), {"text": "hello"}, index_keys, expires_at=now + 60)
    await store.transact(Writes([Put(item)]))
    assert await store.get(item.key) == item


async def test_tuples_and_enum_members_come_back_plain(store: Store, new_key: Callable[..., Key]) -> None:
    found = await stored(store, new_key(), pair=(1, (2,)), status=Status.OPEN, old=OldStatus.OPEN)
    assert found == {"pair": [1, [2]], "status": "open", "old": "open"}
    assert {type(value) for value in found.values()} == {list, str}


@pytest.mark.parametrize(
    "name", ["name", "status", "size", "a.b", "a b", "#n", ":v", "pk", "expires_at", "ä", "0"]
)
async def test_an_attribute_may_have_any_name_without_leading_underscore(
    store: Store, new_key: Callable[..., Key], name: str
) -> None:
    key = new_key()
    assert await stored(store, key, **{name: 1}) == {name: 1}
    await store.transact(Writes([Update(key, add={name: 2})]))
    await store.transact(Writes([Update(key, set={"other": 3}, remove=[name])]))
    item = await store.get(key)
    assert item is not None
    assert item.attributes == {"other": 3}


async def test_what_was_read_or_written_can_be_changed_without_changing_the_store(
    store: Store, new_key: Callable[..., Key]
) -> None:
    key = new_key()
    given: dict[str, Any] = {"list": [1], "map": {"a": 1}}
    await store.transact(Writes([Put(Item(key, given))]))
    given["list"].append(2)
    first = await store.get(key)
    assert first is not None
    inner: Any = first.attributes["map"]
    inner["b"] = 2
    second = await store.get(key)
    assert second is not None
    assert second.attributes == {"list": [1], "map": {"a": 1}}


@pytest.mark.parametrize(
    "value", [10**38, -(10**38), [10**38], {"a": 10**40}, 1.5, Decimal(1), {1}, object(), bytearray()]
)
async def test_a_value_that_no_attribute_can_hold_is_refused_by_name(
    store: Store, new_key: Callable[..., Key], value: Any
) -> None:
    key = new_key()
    for write in (Put(Item(key, {"amount": value})), Update(key, set={"amount": value})):
        with pytest.raises(InvalidWrite, match="'amount'"):
            await store.transact(Writes([write]))
    assert await store.get(key) is None


@pytest.mark.parametrize("name", ["", "_pk", "_anything", "n" * 256])
async def test_a_name_that_no_attribute_can_have_is_refused(
    store: Store, new_key: Callable[..., Key], name: str
) -> None:
    key = new_key()
    updates = Update(key, set={name: 1}), Update(key, add={name: 1}), Update(key, remove=[name])
    for write in (Put(Item(key, {name: 1})), *updates):
        with pytest.raises(InvalidWrite, match="name"):
            await store.transact(Writes([write]))


async def test_text_that_is_not_unicode_is_refused(store: Store, new_key: Callable[..., Key]) -> None:
    refused: list[dict[str, Value]] = [{"text": "\ud800"}, {"map": {"\ud800": 1}}, {"\ud800": 1}]
    for attributes in refused:
        with pytest.raises(InvalidWrite):
            await store.transact(Writes([Put(Item(new_key(), attributes))]))


async def test_values_nest_thirty_one_levels_deep_and_no_deeper(
    store: Store, new_key: Callable[..., Key]
) -> None:
    value: Any = 1
    for _ in range(31):
        value = [value]
    key = new_key()
    assert (await stored(store, key, deep=value))["deep"] == value
    await store.transact(Writes([Update(key, set={"deep": {"deep": value[0]}})]))
    for write in (Put(Item(key, {"deep": [value]})), Update(key, set={"deep": [value]})):
        with pytest.raises(InvalidWrite, match="nested"):
            await store.transact(Writes([write]))


async def test_a_key_has_up_to_2048_and_1024_bytes(store: Store, partition: str) -> None:
    key = Key(partition.ljust(2_048, "p"), "s" * 1_024)
    assert await stored(store, key, a=1) == {"a": 1}


@pytest.mark.parametrize(
    "key",
    [
        Key("", "a"),
        Key("a", ""),
        Key("p" * 2_049, "a"),
        Key("a", "s" * 1_025),
        Key("ä" * 1_025, "a"),
        Key("\ud800", "a"),
    ],
    ids=lambda key: f"{key.partition[:2]!r}x{len(key.partition)}-{key.sort[:2]!r}x{len(key.sort)}",
)
async def test_a_key_no_item_can_have_is_refused_in_writes_and_found_nowhere(
    store: Store, new_key: Callable[..., Key], key: Key
) -> None:
    with pytest.raises(InvalidWrite):
        await store.transact(Writes([Put(Item(key, {"a": 1}))]))
    with pytest.raises(InvalidWrite):
        await store.transact(Writes([Put(Item(new_key(), {"a": 1}, {"gsi1": key}))]))
    with pytest.raises(InvalidWrite):
        await store.transact(Writes([Update(new_key(), index_keys={"gsi2": key})]))
    assert await store.get(key) is None
    assert await store.batch_get([key]) == {}


@pytest.mark.parametrize("expires_at", [-1, 1_700_000_000_000, True, 1.5])
async def test_an_expiry_that_is_no_time_in_seconds_is_refused(
    store: Store, new_key: Callable[..., Key], expires_at: Any
) -> None:
    with pytest.raises(InvalidWrite, match="seconds"):
        await store.transact(Writes([Put(Item(new_key(), {}, expires_at=expires_at))]))


async def test_an_item_of_400_kib_is_stored_and_a_larger_one_refused(
    store: Store, new_key: Callable[..., Key]
) -> None:
    key = new_key()
    assert len((await stored(store, key, data="x" * 400_000))["data"]) == 400_000  # type: ignore[arg-type]
    for condition in (None, absent()):  # too large, whether or not its condition would hold
        with pytest.raises(InvalidWrite, match="an item holds at most"):
            await store.transact(Writes([Put(Item(key, {"data": "x" * 410_000}), condition)]))


async def test_an_update_may_not_let_an_item_outgrow_400_kib(
    store: Store, new_key: Callable[..., Key]
) -> None:
    key, other = new_key(), new_key()
    await store.transact(Writes([Put(Item(key, {"first": "x" * 300_000}))]))
    grow = Update(key, set={"second": "x" * 150_000})
    with pytest.raises(InvalidWrite):
        await store.transact(Writes([grow]))
    with pytest.raises(InvalidWrite):
        await store.transact(Writes([Put(Item(other, {})), grow]))
    assert await store.get(other) is None


async def test_a_transaction_of_more_than_4_mib_is_refused(store: Store, new_key: Callable[..., Key]) -> None:
    writes = [Put(Item(new_key(), {"data": "x" * 390_000})) for _ in range(11)]
    with pytest.raises(InvalidWrite):
        await store.transact(Writes(writes))
    assert await store.batch_get([write.key for write in writes]) == {}
    await store.transact(Writes(writes[:10]))
