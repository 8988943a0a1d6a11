"""JSON from strangers, read strictly and in bounded time."""

from __future__ import annotations

import json
import math
from typing import Any, Final, cast

from colonnade.nesting import nests_deeper
from colonnade.server.refusal import bad_request

MAX_DEPTH: Final = 64
MAX_DIGITS: Final = 100
_BYTE_ORDER_MARK: Final = "\ufeff"
_LONG: Final = 10_000
"""Characters from which on a text is read by a faster parser, and by the standard one only if that is not sure."""
_EXACT: Final = 2.0**63
"""A float as great may have been an integer, which the faster parser rounds beyond 64 bits."""
_QUOTE: Final = r"\u0022"
"""A quote that looks like none."""


def decode(body: bytes) -> str:
    """The text of a UTF-8 body. Raises `Refusal`."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise bad_request(f"the body is not UTF-8: byte {error.start} does not fit") from None


def parse(text: str, what: str) -> object:
    """The value of a JSON text; `what` names it in messages.

    Raises `Refusal` for what RFC 8259 or I-JSON (RFC 7493) does not allow: a byte order mark, NaN and Infinity, a
    number beyond double precision's range, one key twice, half a surrogate pair. Also for more than 100 digits in
    an integer and for more than 64 levels.
    """
    if text.startswith(_BYTE_ORDER_MARK):
        raise bad_request(f"{what} begins with a byte order mark")
    if len(text) > _LONG and (quick := _quickly(text)):
        return quick[0]
    if nests_deeper(text, MAX_DEPTH):
        raise bad_request(f"{what} nests more than {MAX_DEPTH} levels")
    reader = _Reader(what)
    try:
        value = json.loads(
            text,
            object_pairs_hook=reader.members,
            parse_int=reader.integer,
            parse_float=reader.number,
            parse_constant=reader.constant,
        )
    except json.JSONDecodeError as error:
        raise bad_request(
            f"{what} is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        ) from None
    except RecursionError:
        raise bad_request(f"{what} nests more than {MAX_DEPTH} levels") from None
    _check_depth_and_text(value, what)
    return value


def _quickly(text: str) -> tuple[object] | None:
    """The value of a text that breaks no rule of `parse`, or None where that is not sure.

    A text of escapes, as long documents are, takes the standard parser six times as long.
    """
    import orjson  # noqa: PLC0415 - native code of the target, where a package is made on another machine

    if _QUOTE in text:
        return None
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    # Of a key that is there twice the last one is left, and nobody says so: but quotes are missing then.
    return (value,) if _quotes(value) == text.count('"') else None


def _quotes(value: object) -> int | None:
    """How many quotes a value is written with, or None where it nests too deeply or a number may have been rounded."""
    quotes = depth = 0
    level = [value]
    while level:
        below: list[object] = []
        for item in level:
            if isinstance(item, str):
                quotes += 2 + item.count('"')
            elif isinstance(item, float):
                if not -_EXACT < item < _EXACT:
                    return None
            elif isinstance(item, list):
                below += cast("list[object]", item)
            elif isinstance(item, dict):
                below += cast("dict[str, object]", item).keys()
                below += cast("dict[str, object]", item).values()
        depth += any(isinstance(item, list | dict) for item in level)
        if depth > MAX_DEPTH:
            return None
        level = below
    return quotes


class _Reader:
    """The hooks of the standard parser, which is generous where two readers could understand different things."""

    def __init__(self, what: str) -> None:
        self._what = what

    def members(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
            raise bad_request(f"{self._what} has the key {twice[:100]!r} twice in one object")
        return found

    def integer(self, text: str) -> int:
        if len(text) > MAX_DIGITS:
            raise bad_request(f"{self._what} holds an integer of more than {MAX_DIGITS} digits")
        return int(text)

    def number(self, text: str) -> float:
        value = float(text)
        if not math.isfinite(value):
            raise bad_request(f"{self._what} holds a number that is too large")
        return value

    def constant(self, name: str) -> float:
        raise bad_request(f"{self._what} holds {name}, which is not JSON")


def _check_depth_and_text(value: object, what: str) -> None:
    """Raises `Refusal` for nesting that a later recursive reader could not follow, and for text that is not Unicode."""
    waiting: list[tuple[object, int]] = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            check_text(item, what)
        if not isinstance(item, dict | list):
            continue
        if depth > MAX_DEPTH:
            raise bad_request(f"{what} nests more than {MAX_DEPTH} levels")
        held = cast("dict[str, object] | list[object]", item)
        if isinstance(held, dict):
            for name in held:
                check_text(name, what)
            held = list(held.values())
        waiting.extend((member, depth + 1) for member in held)


def check_text(text: str, what: str) -> None:
    """Raises `Refusal` for text that has no UTF-8 form: half of a surrogate pair."""
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise bad_request(f"{what} holds half a surrogate pair") from None
