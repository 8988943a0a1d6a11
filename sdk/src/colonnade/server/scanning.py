"""What can be told of a document from its tokens alone, so that one that goes too far is refused before it is parsed.

Parsing takes microseconds for each token, and validation more. One pass here takes a quarter of one, and ends at the
first limit that is passed. Nothing is refused that the limits would allow once it is parsed; what only shows when
fragments are put together is left for then. What is no GraphQL ends the pass, and the parser says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, cast

from colonnade.limits import Limits
from colonnade.server.shape import INTROSPECTION

_IGNORED: Final = r"[ \t\n\r,\ufeff]"
_NAME: Final = "[_A-Za-z][_0-9A-Za-z]*+"
_MARK: Final = r"[{}():@]|\.\.\."
_COMMENT: Final = r"\#[^\n\r]*+"
_OTHER: Final = (
    r'[!$&=|?\[\]]|-?[0-9][0-9.eE+-]*+|"""(?:[^"\\]++|\\"""|\\|"(?!""))*+"""'
    r'|""(?!")|"(?:[^"\\\n\r]++|\\.)++"'
)
_NEXT: Final = re.compile(
    f"{_IGNORED}*+(?:(?P<name>{_NAME})|(?P<mark>{_MARK})|(?P<comment>{_COMMENT})|(?P<other>{_OTHER}))"
)
_UNBOUNDED: Final = -1_000_000
"""The depth of what introspection nests, which validation bounds."""

_CHARACTERS: Final = 25
"""Characters that a document may have for each token that it may have, ignored ones and comments included."""

_MANY: Final = 500
"""After so many tokens it is worth asking, once and at the speed of C, whether there are too many."""

_CONDITION: Final = "... on"
"""What is before the name of a type that a fragment is for."""


class PastLimit(Exception):
    """A document goes too far. `code`: which limit it passes; `what`: how, as a client reads it."""

    def __init__(self, code: str, what: str, most: int) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.most = most


def scan(text: str, limits: Limits) -> None:
    """Raises `PastLimit` where `text` is too long, holds too many tokens or comments, or one of its operations or
    fragments is too deep, has too many aliases or repeats itself too often by itself."""
    if len(text) > (most := _CHARACTERS * limits.tokens):
        raise PastLimit(
            "GRAPHQL_PARSE_FAILED", f"it is {len(text)} characters long: give long values as variables", most
        )
    tokens = comments = 0
    seen = _Seen(limits)
    following: Callable[[], re.Match[str] | None] = cast("Any", _NEXT).scanner(text).match
    while (found := following()) is not None:
        kind = found.lastgroup
        if kind == "comment":
            comments += 1
        else:
            tokens += 1
        if tokens + comments == _MANY:
            _check_length(text, limits.tokens)
        if tokens > limits.tokens:
            raise _too_long("tokens", limits.tokens)
        if comments > limits.tokens:
            raise _too_long("comments", limits.tokens)
        if kind == "mark":
            if not seen.mark(found["mark"]):
                return
        elif kind == "name" and not seen.parentheses:
            seen.name(found["name"])


class _Selections:
    """What stands between two braces: how deep its fields are, and how often each response name was there."""

    __slots__ = ("depth", "names")

    def __init__(self, depth: int, names: dict[str, int]) -> None:
        self.depth = depth
        self.names = names


class _Seen:
    """A document as far as it was read.

    `_before`: what stands before a name and says what it is of; `_field`: whose selections a brace would begin, None
    for those of a fragment without a name.
    """

    def __init__(self, limits: Limits) -> None:
        self.parentheses = 0
        self._limits = limits
        self._within: list[_Selections] = []
        self._before = ""
        self._field: str | None = None
        self._aliases = self._pairs = 0

    def name(self, name: str) -> None:
        """A name outside of arguments."""
        before, self._before = self._before, ""
        if before == "...":
            self._before = _CONDITION if name == "on" else ""
        elif self._within and before == ":":
            self._field = name
        elif self._within and before not in ("@", _CONDITION):
            self._field = name
            self._repeat(self._within[-1].names, name)

    def mark(self, mark: str) -> bool:
        """A mark, and whether the document may be one."""
        if mark == "(":
            self.parentheses += 1
        elif mark == ")":
            self.parentheses -= 1
        elif self.parentheses:
            return True
        elif mark == "{":
            self._open()
        elif mark == "}":
            return self._close()
        elif mark == ":":
            self._alias()
        elif mark == "...":
            self._field = None
        self._before = mark
        return True

    def _repeat(self, names: dict[str, int], name: str) -> None:
        times = names.get(name, 0)
        names[name] = times + 1
        self._pairs += times
        if self._pairs > self._limits.comparisons:
            what = f"it repeats itself: {self._pairs} pairs to compare"
            raise PastLimit("COMPARISON_LIMIT_EXCEEDED", what, self._limits.comparisons)

    def _alias(self) -> None:
        self._aliases += 1
        if self._aliases > self._limits.aliases:
            what = f"there are {self._aliases} aliases"
            raise PastLimit("ALIAS_LIMIT_EXCEEDED", what, self._limits.aliases)

    def _open(self) -> None:
        if not self._within:
            self._within.append(_Selections(1, {}))
            return
        outer = self._within[-1]
        if self._field is None:
            self._within.append(_Selections(outer.depth, outer.names))
            return
        depth = _UNBOUNDED if self._field in INTROSPECTION else outer.depth + 1
        if depth > self._limits.depth:
            raise PastLimit("DEPTH_LIMIT_EXCEEDED", f"fields are nested {depth} deep", self._limits.depth)
        self._within.append(_Selections(depth, {}))
        self._field = None

    def _close(self) -> bool:
        if not self._within:
            return False
        self._within.pop()
        self._field = None
        if not self._within:
            self._aliases = 0
        return True


def _check_length(text: str, most: int) -> None:
    for name, pattern in _too_many(most).items():
        if pattern.match(text):
            raise _too_long(name, most)


def _too_long(name: str, most: int) -> PastLimit:
    return PastLimit("GRAPHQL_PARSE_FAILED", f"it holds more than {most} {name}", most)


@cache
def _too_many(most: int) -> Mapping[str, re.Pattern[str]]:
    """What a document begins with that has too many of something. Each stops at the first token that does not fit."""
    token = f"{_NAME}|{_MARK}|{_OTHER}"
    return {
        "tokens": re.compile(f"(?:{_IGNORED}*+(?:{token})){{{most + 1}}}+"),
        "comments": re.compile(f"(?:{_IGNORED}*+{_COMMENT}){{{most + 1}}}+"),
        "tokens or comments": re.compile(f"(?:{_IGNORED}*+(?:{token}|{_COMMENT})){{{2 * most + 1}}}+"),
    }
