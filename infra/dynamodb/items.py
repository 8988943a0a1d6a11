"""Items as DynamoDB has them: attributes at the top level, the store's own among them, marked by an underscore."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypeAlias, cast, get_args

from colonnade.errors import StoreError
from colonnade.store import IndexName, Item, Key, Position, Value

Attributes: TypeAlias = dict[str, dict[str, Any]]

PARTITION: Final = "_pk"
SORT: Final = "_sk"
EXPIRES_AT: Final = "_expires_at"
_AS_THEY_ARE: Final[Mapping[type[object], str]] = {str: "S", bool: "BOOL", bytes: "B"}

INDEXES: Final[tuple[IndexName, ...]] = get_args(IndexName)


def index_attributes(index: IndexName) -> tuple[str, str]:
    """The names of the attributes that hold an item's partition and sort key in `index`."""
    return f"_{index}pk", f"_{index}sk"


def marshal(value: Value) -> dict[str, Any]:
    """A plain value as DynamoDB's typed value."""
    if type(value) in _AS_THEY_ARE:
        return {_AS_THEY_ARE[type(value)]: value}
    match value:
        case None:
            return {"NULL": True}
        case int():
            return {"N": str(value)}
        case Mapping():
            return {"M": {name: marshal(entry) for name, entry in value.items()}}
        case [*entries]:
            return {"L": [marshal(entry) for entry in entries]}
    raise TypeError(f"{value!r} is not a plain value")


def unmarshal(typed: Mapping[str, Any]) -> Value:
    """The plain value of DynamoDB's typed value. Raises `StoreError` for types that this store never writes."""
    # Half of what a row costs is spent here: a loop over the only entry is the fastest way to it, and the kinds are asked
    # for in the order of how many there are.
    kind = "none at all"
    for kind, value in typed.items():
        if kind == "S":
            return cast("str", value)
        if kind == "N":
            try:
                return int(value)
            except ValueError:
                return _integer(value)
        if kind == "BOOL" or kind == "NULL" or kind == "B":  # noqa: PLR1714 - comparisons are faster than a look into a tuple
            return None if kind == "NULL" else cast("bool | bytes", value)
        if kind == "M":
            return {n: e["S"] if "S" in e else unmarshal(e) for n, e in value.items()}
        if kind == "L":
            return [e["S"] if "S" in e else unmarshal(e) for e in value]
    raise StoreError(f"the table holds a value of type {kind}, which this store never writes")


def marshal_key(key: Key) -> Attributes:
    """The primary key of the table."""
    return {PARTITION: {"S": key.partition}, SORT: {"S": key.sort}}


def marshal_place(index: IndexName, key: Key) -> Attributes:
    """The attributes that place an item in an index."""
    partition, sort = index_attributes(index)
    return {partition: {"S": key.partition}, sort: {"S": key.sort}}


def marshal_position(position: Position, index: IndexName | None) -> Attributes:
    """Where the next page of the table, or of `index`, starts."""
    start = marshal_key(position.key)
    return (
        start
        if index is None or position.index_key is None
        else start | marshal_place(index, position.index_key)
    )


def unmarshal_position(attributes: Attributes, index: IndexName | None) -> Position:
    """Where DynamoDB stopped reading."""
    return Position(
        _key(attributes, PARTITION, SORT), _key(attributes, *index_attributes(index)) if index else None
    )


def marshal_item(item: Item) -> Attributes:
    """A whole item."""
    attributes = {name: marshal(value) for name, value in item.attributes.items()} | marshal_key(item.key)
    for index, key in item.index_keys.items():
        attributes |= marshal_place(index, key)
    if item.expires_at is not None:
        attributes[EXPIRES_AT] = {"N": str(item.expires_at)}
    return attributes


def unmarshal_item(attributes: Attributes) -> Item:
    """The item that DynamoDB sent."""
    expires_at = attributes.get(EXPIRES_AT)
    return Item(
        key=_key(attributes, PARTITION, SORT),
        attributes={
            name: typed["S"] if "S" in typed else unmarshal(typed)
            for name, typed in attributes.items()
            if name[0] != "_"
        },
        index_keys={
            index: _key(attributes, *names) for index, names in _PLACES.items() if names[0] in attributes
        },
        expires_at=None if expires_at is None else _integer(expires_at["N"]),
    )


def is_expired(item: Item, now: int) -> bool:
    """Whether an item counts as absent although DynamoDB, which deletes days late, still has it."""
    return item.expires_at is not None and item.expires_at <= now


def _key(attributes: Attributes, partition: str, sort: str) -> Key:
    return Key(attributes[partition]["S"], attributes[sort]["S"])


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # an exponent, as other writers may leave
        exact = Decimal(text)
        if exact != exact.to_integral_value():
            raise StoreError(f"the table holds the number {text}, which this store never writes") from None
        return int(exact)


_PLACES: Final = {index: index_attributes(index) for index in INDEXES}
