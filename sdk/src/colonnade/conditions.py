"""Conditions of a write: a small algebra that every store evaluates alike.

`absent()`, `exists()`, `attribute("version").equals(3)`, combined with `&`, `|` and `~`. Every comparison,
`differs` too, is false of an attribute that is not there; its negation is then true. Values of two types are never
equal (`True` is not 1), and neither is below the other. Strings and bytes compare byte by byte.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from colonnade.store import Value

Operator: TypeAlias = Literal["=", "<>", "<", "<=", ">", ">="]

_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of an item, as the store has it, for a write to happen."""

    def __and__(self, other: Condition) -> Condition:
        return All((self, other))

    def __or__(self, other: Condition) -> Condition:
        return AnyOf((self, other))

    def __invert__(self) -> Condition:
        return Not(self)


@dataclass(frozen=True, slots=True)
class All(Condition):
    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not(Condition):
    term: Condition

    def __invert__(self) -> Condition:
        return self.term


@dataclass(frozen=True, slots=True)
class ItemExists(Condition):
    """The item is there and has not expired."""


@dataclass(frozen=True, slots=True)
class AttributeExists(Condition):
    name: str


@dataclass(frozen=True, slots=True)
class Compare(Condition):
    name: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class attribute:
    """An attribute of the item that a condition speaks about."""

    name: str

    def equals(self, value: Value) -> Condition:
        return Compare(self.name, "=", value)

    def differs(self, value: Value) -> Condition:
        return Compare(self.name, "<>", value)

    def below(self, value: int | str | bytes) -> Condition:
        return Compare(self.name, "<", value)

    def at_most(self, value: int | str | bytes) -> Condition:
        return Compare(self.name, "<=", value)

    def above(self, value: int | str | bytes) -> Condition:
        return Compare(self.name, ">", value)

    def at_least(self, value: int | str | bytes) -> Condition:
        return Compare(self.name, ">=", value)

    def exists(self) -> Condition:
        return AttributeExists(self.name)

    def absent(self) -> Condition:
        return Not(AttributeExists(self.name))


def exists() -> Condition:
    """The item is there and has not expired."""
    return ItemExists()


def absent() -> Condition:
    """There is no such item, or it has expired."""
    return Not(ItemExists())


def holds(condition: Condition, attributes: Mapping[str, Value] | None) -> bool:
    """Whether `condition` holds of an item with these attributes, or of no item at all (None)."""
    match condition:
        case All(terms):
            return all(holds(term, attributes) for term in terms)
        case AnyOf(terms):
            return any(holds(term, attributes) for term in terms)
        case Not(term):
            return not holds(term, attributes)
        case ItemExists():
            return attributes is not None
        case AttributeExists(name):
            return attributes is not None and name in attributes
        case Compare(name, comparison, value):
            return (
                attributes is not None
                and name in attributes
                and _compare(attributes[name], comparison, value)
            )
        case _:
            raise TypeError(f"{condition!r} is not a condition")


def _compare(left: Value, comparison: Operator, right: Value) -> bool:
    if comparison in {"=", "<>"}:
        return _same(left, right) is (comparison == "=")
    in_order: Callable[[Any, Any], bool] = _ORDER[comparison]
    return _kind(left) is _kind(right) and in_order(left, right)


def _same(left: Value, right: Value) -> bool:
    if _kind(left) is not _kind(right):
        return False
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(_same(value, right[name]) for name, value in left.items())
    if isinstance(left, Sequence) and isinstance(right, Sequence) and not isinstance(left, str | bytes):
        return len(left) == len(right) and all(map(_same, left, right))
    return left == right


def _kind(value: Value) -> type[object]:
    kinds: tuple[type[object], ...] = (bool, int, str, bytes, Mapping, Sequence)
    return next((kind for kind in kinds if isinstance(value, kind)), type(None))
