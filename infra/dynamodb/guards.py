"""What must hold of a row for a write to happen: the caller's condition, with what the table adds to it.

A row is an item and the store's own attributes. DynamoDB deletes expired rows days late, so a condition of an item
that must be there asks for a row that has not expired, and one of an item that must not be there takes an expired
row for none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from colonnade.conditions import All, AnyOf, AttributeExists, Compare, Condition, ItemExists, Not, holds
from colonnade.store import Update
from colonnade.store_values import MAX_NUMBER
from infra.dynamodb.items import EXPIRES_AT, PARTITION

_ROW: Final = AttributeExists(PARTITION)
_ALWAYS: Final = AnyOf((_ROW, Not(_ROW)))
_NEVER: Final = All((_ROW, Not(_ROW)))
_LARGEST: Final = MAX_NUMBER - 1


def of_item(condition: Condition, now: int) -> Condition:
    """What must hold of a row for `condition` to hold of its item."""
    rest = _of_present(condition)
    if not holds(condition, None):
        return _both(All((_ROW, _unexpired(now))), rest)
    return _either(AnyOf((Not(_ROW), Compare(EXPIRES_AT, "<=", now))), rest)


def of_update(update: Update, now: int) -> Condition:
    """What must hold of a row for `update`: also that it has not expired, and that no sum leaves its range."""
    return All((_unexpired(now), *_of_condition(update.condition), *_of_sums(update)))


def _of_condition(condition: Condition | None) -> Iterator[Condition]:
    if condition is not None:
        rest = _of_present(condition)
        yield _either(Not(_ROW), rest) if holds(condition, None) else _both(_ROW, rest)


def _of_sums(update: Update) -> Iterator[Condition]:
    """DynamoDB itself would take 10^38, which has but one significant digit."""
    for name, amount in update.add.items():
        low = Compare(name, ">=", max(-_LARGEST, -_LARGEST - amount))
        high = Compare(name, "<=", min(_LARGEST, _LARGEST - amount))
        yield AnyOf((Not(AttributeExists(name)), All((low, high))))


def _unexpired(now: int) -> Condition:
    """True where there is no row at all, too."""
    return AnyOf((Not(AttributeExists(EXPIRES_AT)), Compare(EXPIRES_AT, ">", now)))


def _both(condition: Condition, rest: Condition | bool) -> Condition:
    if isinstance(rest, bool):
        return condition if rest else _NEVER
    return All((condition, rest))


def _either(condition: Condition, rest: Condition | bool) -> Condition:
    if isinstance(rest, bool):
        return _ALWAYS if rest else condition
    return AnyOf((condition, rest))


def _of_present(condition: Condition) -> Condition | bool:
    """What is left of `condition` to be tested once the item is known to be there."""
    match condition:
        case ItemExists():
            return True
        case Not(term):
            inner = _of_present(term)
            return not inner if isinstance(inner, bool) else Not(inner)
        case All(terms) | AnyOf(terms):
            neutral = isinstance(condition, All)
            rest = [_of_present(term) for term in terms]
            if (not neutral) in rest:
                return not neutral
            tests = tuple(term for term in rest if isinstance(term, Condition))
            return type(condition)(tests) if tests else neutral
        case Compare(name, "<>", _):  # which DynamoDB holds true of an attribute that is not there
            return All((AttributeExists(name), condition))
        case _:
            return condition
