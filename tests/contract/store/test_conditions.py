"""Conditions hold or fail alike on every store: of an item, of none, and of an expired one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from colonnade.conditions import Condition, absent, attribute, exists
from colonnade.errors import ConditionFailed, InvalidWrite
from colonnade.store import Check, Delete, Item, Key, Put, Store, Update, Value, Writes
from colonnade.testing.clock import FrozenClock

NUMBER, TEXT, BYTES = attribute("number"), attribute("text"), attribute("bytes")
FLAG, NOTHING, LIST, MAP = attribute("flag"), attribute("nothing"), attribute("list"), attribute("map")
MISSING = attribute("missing")

ATTRIBUTES: dict[str, Value] = {
    "number": 5,
    "text": "m",
    "bytes": b"\x7f",
    "flag": True,
    "nothing": None,
    "list": [1, True],
    "map": {"a": [1]},
}

OF_AN_ITEM = [
    (exists(), True),
    (absent(), False),
    (NUMBER.equals(5), True),
    (NUMBER.equals(6), False),
    (NUMBER.equals("5"), False),
    (NUMBER.equals(True), False),
    (NUMBER.differs(6), True),
    (NUMBER.differs(5), False),
    (NUMBER.differs("5"), True),
    (NUMBER.below(6), True),
    (NUMBER.below(5), False),
    (NUMBER.at_most(5), True),
    (NUMBER.at_most(4), False),
    (NUMBER.above(4), True),
    (NUMBER.above(5), False),
    (NUMBER.above(-(10**38) + 1), True),
    (NUMBER.at_least(5), True),
    (NUMBER.at_least(6), False),
    (TEXT.below("n"), True),
    (TEXT.below("M"), False),
    (TEXT.above(""), True),
    (TEXT.at_most("ma"), True),
    (TEXT.below("\uffff"), True),
    (BYTES.below(b"\x80"), True),
    (BYTES.above(b""), True),
    (BYTES.equals("\x7f"), False),
    (FLAG.equals(True), True),
    (NOTHING.equals(None), True),
    (NOTHING.differs(None), False),
    (NOTHING.exists(), True),
    (NOTHING.equals(False), False),
    (LIST.equals([1, True]), True),
    (LIST.equals((1, True)), True),
    (LIST.equals([1]), False),
    (MAP.equals({"a": [1]}), True),
    (MAP.equals({"b": [1]}), False),
    (MAP.differs({}), True),
    (MISSING.exists(), False),
    (MISSING.absent(), True),
    (MISSING.differs(None), False),
    (~MISSING.differs(None), True),
    (~MISSING.equals(1), True),
    (MISSING.below(1), False),
    (~MISSING.below(1), True),
    (NUMBER.equals(5) & TEXT.equals("m"), True),
    (NUMBER.equals(5) & TEXT.equals("n"), False),
    (NUMBER.equals(6) | TEXT.equals("m"), True),
    (NUMBER.equals(6) | TEXT.equals("n"), False),
    (NUMBER.equals(6) | TEXT.equals("m") & FLAG.equals(False), False),
    ((NUMBER.equals(6) | TEXT.equals("m")) & FLAG.equals(True), True),
    (~(NUMBER.equals(5) & TEXT.equals("n")), True),
    (~~NUMBER.equals(5), True),
    (absent() | NUMBER.equals(5), True),
    (absent() | NUMBER.equals(6), False),
    (exists() & NUMBER.equals(5), True),
    (exists() & ~exists(), False),
    (exists() | absent(), True),
    (~(exists() & NUMBER.equals(5)), False),
]

ACROSS_TYPES = [
    (FLAG.equals(1), False),
    (LIST.equals([1, 1]), False),
    (LIST.equals([True, 1]), False),
    (MAP.equals({"a": [True]}), False),
    (MISSING.equals(None), False),
    (NUMBER.below("6"), False),
    (NUMBER.above("4"), False),
    (~NUMBER.below("6"), True),
    (TEXT.below(b"n"), False),
    (TEXT.at_least(b"l"), False),
    (FLAG.below(2), False),
    (LIST.above(""), False),
]

OF_NO_ITEM = [
    (exists(), False),
    (absent(), True),
    (NUMBER.equals(5), False),
    (NUMBER.differs(5), False),
    (~NUMBER.equals(5), True),
    (NUMBER.exists(), False),
    (NUMBER.absent(), True),
    (absent() | NUMBER.equals(5), True),
    (absent() & ~NUMBER.equals(5), True),
    (exists() | NUMBER.equals(5), False),
    (exists() & absent(), False),
    (exists() | absent(), True),
    (~(exists() & NUMBER.equals(5)), True),
]


async def holds(store: Store, key: Key, condition: Condition) -> bool:
    try:
        await store.transact(Writes([Check(key, condition)]))
    except ConditionFailed:
        return False
    return True


async def test_each_condition_holds_or_fails_of_an_item(store: Store, new_key: Callable[..., Key]) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, ATTRIBUTES))]))
    wrong = [
        condition for condition, expected in OF_AN_ITEM if await holds(store, key, condition) is not expected
    ]
    assert wrong == []


@pytest.mark.dynamodb_local
async def test_values_of_two_types_are_neither_equal_nor_above_nor_below_one_another(
    store: Store, new_key: Callable[..., Key]
) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, ATTRIBUTES))]))
    wrong = [
        condition
        for condition, expected in ACROSS_TYPES
        if await holds(store, key, condition) is not expected
    ]
    assert wrong == []


async def test_each_condition_holds_or_fails_of_no_item(store: Store, new_key: Callable[..., Key]) -> None:
    key = new_key()
    wrong = [
        condition for condition, expected in OF_NO_ITEM if await holds(store, key, condition) is not expected
    ]
    assert wrong == []


async def test_an_expired_item_is_none_to_every_condition(
    store: Store, new_key: Callable[..., Key], clock: FrozenClock, now: int
) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, ATTRIBUTES, expires_at=now + 1))]))
    assert await holds(store, key, exists() & NUMBER.equals(5))
    clock.advance(1)
    wrong = [
        condition for condition, expected in OF_NO_ITEM if await holds(store, key, condition) is not expected
    ]
    assert wrong == []


async def test_a_condition_guards_each_kind_of_write(store: Store, new_key: Callable[..., Key]) -> None:
    key = new_key()
    await store.transact(Writes([Put(Item(key, {"version": 1}))]))
    stale = attribute("version").equals(0)
    for write in (
        Put(Item(key, {"version": 9}), stale),
        Update(key, set={"version": 9}, condition=stale),
        Delete(key, stale),
        Check(key, stale),
    ):
        for writes in (Writes([write]), Writes([Put(Item(new_key(), {})), write])):
            with pytest.raises(ConditionFailed) as refusal:
                await store.transact(writes)
            assert refusal.value.failed == {len(writes) - 1: {"version": 1}}
    item = await store.get(key)
    assert item is not None
    assert item.attributes == {"version": 1}


async def test_a_refusal_shows_what_stood_in_the_way_of_each_refused_write(
    store: Store, new_key: Callable[..., Key], clock: FrozenClock, now: int
) -> None:
    taken, free, gone, fine = (new_key() for _ in range(4))
    await store.transact(
        Writes(
            [
                Put(Item(taken, {"owner": "ada", "tags": ["a", b"b"]}, {"gsi1": Key("x", "y")})),
                Put(Item(gone, {"owner": "bob"}, expires_at=now + 5)),
            ]
        )
    )
    clock.advance(5)
    with pytest.raises(ConditionFailed) as refusal:
        await store.transact(
            Writes(
                [
                    Put(Item(fine, {})),
                    Put(Item(taken, {"owner": "eve"}), absent()),
                    Update(free, set={"owner": "eve"}, condition=exists()),
                    Delete(gone, attribute("owner").equals("bob")),
                ]
            )
        )
    assert refusal.value.failed == {1: {"owner": "ada", "tags": ["a", b"b"]}, 2: None, 3: None}
    assert await store.get(fine) is None


@pytest.mark.parametrize("operand", [True, None, [1], {"a": 1}])
async def test_ordering_is_refused_for_what_has_none(
    store: Store, new_key: Callable[..., Key], operand: Value
) -> None:
    with pytest.raises(InvalidWrite, match="above or below"):
        await store.transact(Writes([Check(new_key(), NUMBER.below(operand))]))  # type: ignore[arg-type]


async def test_a_condition_may_have_forty_terms(store: Store, new_key: Callable[..., Key]) -> None:
    key = new_key()
    condition: Condition = absent()
    for n in range(39):
        condition = condition | (
            attribute(f"attribute-{n}").differs(n) & ~attribute("name").equals(n) if n % 2 else exists()
        )
    await store.transact(Writes([Update(key, set={f"set-{n}": n for n in range(99)}, condition=absent())]))
    many: Condition = exists()
    for n in range(39):
        many = many & ~attribute(f"set-{n}").differs(n)
    await store.transact(Writes([Update(key, set={f"set-{n}": -n for n in range(99)}, condition=many)]))
    with pytest.raises(InvalidWrite, match="at most 40"):
        await store.transact(Writes([Check(key, many & exists())]))
