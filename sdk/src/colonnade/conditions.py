"""Conditions of a write: a small algebra that every store evaluates alike.

`absent()`, `exists()`, `attribute("version").equals(3)`, combined with `&`, `|` and `~`. Every comparison,
`differs` too, is false of an attribute that is not there; its negation is then true.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from colonnade.store import Value

Operator: TypeAlias = Literal["=", "<>", "<", "<=", ">", ">="]


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

    def below(self, value: int | str) -> Condition:
        return Compare(self.name, "<", value)

    def at_most(self, value: int | str) -> Condition:
        return Compare(self.name, "<=", value)

    def above(self, value: int | str) -> Condition:
        return Compare(self.name, ">", value)

    def at_least(self, value: int | str) -> Condition:
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
