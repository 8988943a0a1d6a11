"""Templates of keys: texts such as `{author}#{number:06d}`, over the attributes of an item.

Different values never make the same key: a mark that stands between two parts (`#`, `/` …) is escaped in every text
that comes into one.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from colonnade.errors import InvalidWrite

_ALWAYS_ESCAPED: Final = "%#"
_WIDTH: Final = re.compile(r"0([1-9][0-9]?)d")
_TAKEN: Final = frozenset({"self", "sort", "limit", "descending", "condition"})


@dataclass(frozen=True, slots=True)
class _Part:
    """Text as it stands, then perhaps an attribute: a number of `width` digits if that is given."""

    text: str
    name: str | None
    width: int | None


@cache
def parts_of(template: str) -> tuple[_Part, ...]:
    """The template, read. Raises ValueError for one whose keys could not be told apart."""
    parts = [_part(template, *found) for found in string.Formatter().parse(template)]
    for part in parts[1:]:
        if part.name is not None and (not part.text or part.text.isalnum()):
            raise ValueError(f"the key {template!r} needs a mark such as # before {{{part.name}}}")
    return tuple(parts)


def names_in(template: str) -> list[str]:
    """The attributes that a template needs."""
    return [part.name for part in parts_of(template) if part.name is not None]


def render(template: str, values: Mapping[str, str | int]) -> str:
    """The key of these values. Raises `InvalidWrite` for a value that is missing or does not fit."""
    parts = parts_of(template)
    escaped = _escaped("".join(part.text for part in parts[1:]))
    rendered: list[str] = []
    for part in parts:
        rendered.append(part.text)
        if part.name is None:
            continue
        if part.name not in values:
            wanted = ", ".join(names_in(template))
            raise InvalidWrite(f"the key {template!r} needs {wanted}; {part.name!r} is missing")
        value = values[part.name]
        if part.width is not None:
            rendered.append(_digits(template, part.name, part.width, value))
        else:
            rendered.append(value.translate(escaped) if isinstance(value, str) else str(value))
    return "".join(rendered)


def _part(template: str, text: str, name: str | None, spec: str | None, conversion: str | None) -> _Part:
    width = _WIDTH.fullmatch(spec) if spec else None
    if (name is not None and not name.isidentifier()) or conversion or (spec and width is None):
        raise ValueError(
            f"the key {template!r} holds names of attributes, as in {{author}} or {{number:06d}}"
        )
    if name in _TAKEN:
        raise ValueError(
            f"the key {template!r} cannot use an attribute called {name}; call it something else"
        )
    return _Part(text, name, int(width[1]) if width else None)


@cache
def _escaped(marks: str) -> dict[int, str]:
    return {ord(mark): "".join(f"%{byte:02X}" for byte in mark.encode()) for mark in _ALWAYS_ESCAPED + marks}


def _digits(template: str, name: str, width: int, value: str | int) -> str:
    """`value` with leading zeros, so that it sorts."""
    if not isinstance(value, int) or not 0 <= value < 10**width:
        raise InvalidWrite(
            f"the key {template!r} takes a number of at most {width} digits as {name!r}, not {value!r}"
        )
    return f"{value:0{width}d}"
