"""What every adapter of the `Store` port must agree on: what it refuses, and what an update makes of an item.

The limits are DynamoDB's, so that what works on one adapter works on all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, assert_never, get_args

from colonnade.conditions import All, AnyOf, AttributeExists, Compare, Condition, ItemExists, Not
from colonnade.errors import InvalidWrite
from colonnade.store import Check, Delete, IndexName, Item, Key, Put, Query, Update, Value, Write, Writes
from colonnade.store_values import attribute_name, number, plain, utf8_length, value_size

MAX_PARTITION_BYTES: Final = 2_048
MAX_SORT_BYTES: Final = 1_024
MAX_NAMES: Final = 100
MAX_TERMS: Final = 40
MAX_ITEM_BYTES: Final = 400 * 1024
MAX_TRANSACTION_BYTES: Final = 4 * 1024**2
MAX_PAGE_BYTES: Final = 8 * 1024**2
_MAX_SECONDS: Final = 10**11

_INDEXES: Final[frozenset[str]] = frozenset(get_args(IndexName))


def storable(key: Key) -> bool:
    """Whether an item can have this key; none is ever found where not."""
    partition, sort = utf8_length(key.partition), utf8_length(key.sort)
    return 0 < partition <= MAX_PARTITION_BYTES and 0 < sort <= MAX_SORT_BYTES


def satisfiable(query: Query) -> bool:
    """Whether any item at all can answer this query."""
    bounds = query.sort
    given = [text for text in (bounds.prefix, bounds.low, bounds.high) if text is not None]
    if not storable(Key(query.partition, "-")):
        return False
    if any(not 0 <= utf8_length(text) <= MAX_SORT_BYTES for text in given):
        return False
    return bounds.high is None or (bounds.low or "\0") <= bounds.high


def checked(writes: Writes) -> tuple[Write, ...]:
    """The writes with plain copies of all their values. Raises `InvalidWrite` for what no store accepts."""
    result = tuple(_checked(write) for write in writes)
    check_sizes([write.item for write in result if isinstance(write, Put)])
    return result


def checked_increment(key: Key, name: str, by: int) -> Update:
    """The update that counts on. Raises `InvalidWrite` for what no store accepts."""
    update = _checked(Update(key, add={name: by}))
    assert isinstance(update, Update)
    if by < 1:
        raise InvalidWrite(f"{key}: {name!r} counts on by 1 or more, not by {by}: else numbers come twice")
    return update


def check_sizes(items: Sequence[Item]) -> None:
    """Raises `InvalidWrite` if one of these items, or all together, are too large for a transaction."""
    total = 0
    for item in items:
        size = item_size(item)
        total += size
        if size > MAX_ITEM_BYTES:
            raise InvalidWrite(f"{item.key} would hold {size} bytes; an item holds at most {MAX_ITEM_BYTES}")
    if total > MAX_TRANSACTION_BYTES:
        raise InvalidWrite(f"a transaction holds at most {MAX_TRANSACTION_BYTES} bytes, this one {total}")


def item_size(item: Item) -> int:
    """How many bytes an item takes: its keys, and the names and values of its attributes."""
    keys = (item.key, *item.index_keys.values())
    return sum(utf8_length(key.partition) + utf8_length(key.sort) for key in keys) + sum(
        utf8_length(name) + value_size(value) for name, value in item.attributes.items()
    )


def updated(item: Item | None, update: Update) -> Item:
    """What a checked `update` makes of `item`, or of nothing.

    Raises `InvalidWrite` where it adds to what is no number, or the sum does not fit one.
    """
    before = item or Item(update.key, {})
    attributes = {name: value for name, value in before.attributes.items() if name not in update.remove}
    attributes |= update.set
    for name, amount in update.add.items():
        present = attributes.get(name, 0)
        if isinstance(present, bool) or not isinstance(present, int):
            raise InvalidWrite(f"{update.key}: {name!r} is not a number, so nothing can be added to it")
        attributes[name] = number(present + amount, name)
    places: dict[IndexName, Key | None] = {**before.index_keys, **update.index_keys}
    expires_at = before.expires_at if update.expires_at is None else update.expires_at
    return Item(
        key=update.key,
        attributes=attributes,
        index_keys={index: place for index, place in places.items() if place is not None},
        expires_at=None if expires_at == "never" else expires_at,
    )


def _checked(write: Write) -> Write:
    if not storable(write.key):
        raise InvalidWrite(
            f"an item's keys hold 1 to {MAX_PARTITION_BYTES} and 1 to {MAX_SORT_BYTES} bytes: {write.key}"
        )
    terms = len(write.add) if isinstance(write, Update) else 0
    if write.condition is not None:
        condition, count = _condition(write.condition)
        write, terms = replace(write, condition=condition), terms + count
    if terms > MAX_TERMS:
        raise InvalidWrite(f"{write.key}: at most {MAX_TERMS} conditions and additions together, not {terms}")
    match write:
        case Put(item):
            _check_places(item.key, item.index_keys, item.expires_at)
            attributes = _attributes(item.attributes)
            return replace(write, item=replace(item, attributes=attributes, index_keys=dict(item.index_keys)))
        case Update():
            return _update(write)
        case Delete() | Check():
            return write
        case _:
            assert_never(write)


def _update(update: Update) -> Update:
    names = [*update.set, *update.add, *update.remove]
    if len(names) > MAX_NAMES:
        raise InvalidWrite(
            f"{update.key}: an update changes at most {MAX_NAMES} attributes, not {len(names)}"
        )
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise InvalidWrite(f"{update.key}: {', '.join(twice)} changed twice in one update")
    if not names and not update.index_keys and update.expires_at is None:
        raise InvalidWrite(f"{update.key}: this update changes nothing; to test a condition write a Check")
    places: dict[IndexName, Key] = {
        index: place for index, place in update.index_keys.items() if place is not None
    }
    _check_places(update.key, places, None if update.expires_at == "never" else update.expires_at)
    return replace(
        update,
        set=_attributes(update.set),
        add={attribute_name(name): _amount(amount, name) for name, amount in update.add.items()},
        remove=tuple(attribute_name(name) for name in update.remove),
        index_keys=dict(update.index_keys),
    )


def _check_places(key: Key, places: Mapping[IndexName, Key], expires_at: int | None) -> None:
    for index, place in places.items():
        if index not in _INDEXES:
            raise InvalidWrite(f"{key}: there is no index {index!r}, only {', '.join(sorted(_INDEXES))}")
        if not storable(place):
            raise InvalidWrite(f"{key}: its key in {index} is empty, too long or not valid Unicode")
    if expires_at is not None and (type(expires_at) is not int or not 0 <= expires_at < _MAX_SECONDS):
        raise InvalidWrite(f"{key}: expires_at is in seconds since 1970, which {expires_at} is not")


def _condition(condition: Condition) -> tuple[Condition, int]:
    """The condition with plain operands, and how many terms it has."""
    match condition:
        case All(terms) | AnyOf(terms):
            inner = [_condition(term) for term in terms]
            return type(condition)(tuple(term for term, _ in inner)), sum(count for _, count in inner)
        case Not(term):
            negated, count = _condition(term)
            return Not(negated), count
        case ItemExists():
            return condition, 1
        case AttributeExists(name):
            return AttributeExists(attribute_name(name)), 1
        case Compare(name, operator, value):
            operand = plain(value, name)
            if operator not in {"=", "<>"} and (
                isinstance(operand, bool) or not isinstance(operand, str | int | bytes)
            ):
                raise InvalidWrite(
                    f"nothing is above or below a {type(value).__name__}: compare {name!r} by equality"
                )
            return Compare(attribute_name(name), operator, operand), 1
        case _:
            raise InvalidWrite(f"{condition!r} is not a condition")


def _attributes(attributes: Mapping[str, Value]) -> dict[str, Value]:
    return {attribute_name(name): plain(value, name) for name, value in attributes.items()}


def _amount(amount: object, name: str) -> int:
    if isinstance(amount, bool) or not isinstance(amount, int):
        raise InvalidWrite(f"only an int can be added to {name!r}, not a {type(amount).__name__}")
    return number(amount, name)
