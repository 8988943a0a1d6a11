"""What an attribute may hold, what it may be called, and how many bytes it takes: DynamoDB's rules for all stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from colonnade.errors import InvalidWrite
from colonnade.store import Value

MAX_NUMBER: Final = 10**38
MAX_NAME_BYTES: Final = 255
MAX_NESTING: Final = 31


def plain(value: object, name: str, nesting: int = 0) -> Value:
    """A copy of the value of attribute `name`, in plain types. Raises `InvalidWrite` for what none can hold."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, bytes):
        return bytes(value)
    if isinstance(value, int):
        return number(value, name)
    if isinstance(value, str):
        if utf8_length(value) < 0:
            raise InvalidWrite(f"{name!r} holds text that is not valid Unicode")
        return str.__str__(value)
    if nesting == MAX_NESTING:
        raise InvalidWrite(f"{name!r} is nested more than {MAX_NESTING} levels deep")
    if isinstance(value, Mapping):
        entries = cast("Mapping[object, object]", value)
        return {member_name(key): plain(entry, name, nesting + 1) for key, entry in entries.items()}
    if isinstance(value, list | tuple):
        return [plain(entry, name, nesting + 1) for entry in cast("Sequence[object]", value)]
    raise InvalidWrite(
        f"{name!r} holds a {type(value).__name__}; an attribute holds str, int, bool, bytes, None, lists and mappings"
    )


def number(value: int, name: str) -> int:
    """The value of attribute `name` as a plain int. Raises `InvalidWrite` from 10^38 on, either side of zero."""
    if not -MAX_NUMBER < value < MAX_NUMBER:
        raise InvalidWrite(f"{name!r} would be 10^38 or more; keep an integer that large as a string")
    return int(value)


def attribute_name(name: object) -> str:
    """The name of an item's attribute. Raises `InvalidWrite` for one that belongs to the store."""
    checked = member_name(name)
    if checked.startswith("_"):
        raise InvalidWrite(f"{checked!r}: names that begin with an underscore belong to the store")
    return checked


def member_name(name: object) -> str:
    """The name of an attribute or of a member of a mapping in one."""
    if not isinstance(name, str) or not 0 < utf8_length(name) <= MAX_NAME_BYTES:
        raise InvalidWrite(f"a name is a string of 1 to {MAX_NAME_BYTES} bytes, not {name!r:.80}")
    return str.__str__(name)


def utf8_length(text: str) -> int:
    """Bytes in UTF-8, or -1 for text that has none: a lone surrogate, as JSON can smuggle in."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        return -1


def value_size(value: Value) -> int:
    """Bytes that a plain value takes: text in UTF-8, half a byte a digit, three for a list or mapping."""
    match value:
        case None | bool():
            return 1
        case int():
            return (len(str(abs(value))) + 1) // 2 + 1 + (value < 0)
        case str():
            return utf8_length(value)
        case bytes():
            return len(value)
        case Mapping():
            return 3 + sum(1 + utf8_length(name) + value_size(entry) for name, entry in value.items())
        case _:
            return 3 + sum(1 + value_size(entry) for entry in value)
