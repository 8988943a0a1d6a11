"""Reading attributes of rows as what they were written as."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime


def text(row: Mapping[str, object], name: str) -> str:
    """The text that an attribute holds."""
    value = row[name]
    assert isinstance(value, str), f"{name} holds a text"
    return value


def optional_text(row: Mapping[str, object], name: str) -> str | None:
    """The text that an attribute holds, or None."""
    return None if row.get(name) is None else text(row, name)


def number(row: Mapping[str, object], name: str) -> int:
    """The number that an attribute holds; 0 where it is absent."""
    value = row.get(name, 0)
    assert isinstance(value, int), f"{name} holds a number"
    return value


def texts(row: Mapping[str, object], name: str) -> frozenset[str]:
    """The texts of a list."""
    value = row[name]
    assert isinstance(value, list), f"{name} holds a list"
    return frozenset(str(member) for member in value)


def moment(row: Mapping[str, object], name: str) -> datetime:
    """The moment, UTC, of an attribute that holds epoch seconds."""
    return datetime.fromtimestamp(number(row, name), UTC)
