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
