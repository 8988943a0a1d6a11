"""How types and parameters are written: `(uint256,address[])`, `tuple(uint256 id, address[] owners) indexed order`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from colonnade.evm.abi.types import ELEMENTARY, AbiError, AbiType, Array, Tuple

MAX_DEPTH: Final = 32
"""Tuples and array dimensions that may stand within one another; no contract comes near."""

_TOKEN: Final = re.compile(r"\s*([A-Za-z_$][A-Za-z0-9_$]*|[0-9]+|[()\[\],])")
_LENGTH: Final = re.compile(r"[1-9][0-9]{0,17}")
_IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_NO_NAMES: Final = frozenset({"memory", "calldata", "storage", "payable"})


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as a signature declares it; `name` is empty where it has none, `components` are a tuple's."""

    type: AbiType
    name: str = ""
    indexed: bool = False
    components: tuple[Parameter, ...] = ()


class Reader:
    """Reads a signature word by word. Everything it does raises `AbiError` where the text is malformed."""

    def __init__(self, text: str, *, named: bool) -> None:
        self.text = text
        self._named = named
        self._tokens = tuple(_tokens(text))
        self._position = 0

    def peek(self) -> str:
        """The next token, or an empty text at the end."""
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self._position += 1
        return token

    def accept(self, token: str) -> bool:
        """Whether the next token is this one, which is then behind us."""
        if self.peek() != token:
            return False
        self._position += 1
        return True

    def expect(self, token: str) -> None:
        if not self.accept(token):
            raise self.error(f"{token!r} expected, {self.peek() or 'the end'!r} found")

    def identifier(self) -> str:
        token = self.take()
        if not _IDENTIFIER.fullmatch(token):
            raise self.error(f"a name expected, {token or 'the end'!r} found")
        return token

    def end(self) -> None:
        if self.peek():
            raise self.error(f"{self.peek()!r} is one word too many")

    def error(self, problem: str) -> AbiError:
        shown = self.text if len(self.text) <= 200 else f"{self.text[:200]}…"
        return AbiError(f"{problem}, in {shown!r}")

    def parameters(self, depth: int = 0) -> tuple[Parameter, ...]:
        """What stands between parentheses, both included."""
        self.expect("(")
        if self.accept(")"):
            return ()
        found = [self.parameter(depth)]
        while self.accept(","):
            found.append(self.parameter(depth))
        self.expect(")")
        return tuple(found)

    def parameter(self, depth: int = 0) -> Parameter:
        type_, components = self._type(depth)
        name, indexed = "", False
        while self._named and _IDENTIFIER.fullmatch(self.peek()):
            word = self.take()
            if word == "indexed":
                if depth or name or not self.text.startswith("event"):
                    raise self.error("'indexed' stands between type and name of an event's own parameters")
                indexed = True
            elif word not in _NO_NAMES:
                if name:
                    raise self.error(f"{name!r} and {word!r} both name one parameter")
                name = word
        return Parameter(type_, name, indexed, components)

    def _type(self, depth: int) -> tuple[AbiType, tuple[Parameter, ...]]:
        type_: AbiType
        components: tuple[Parameter, ...] = ()
        if self.peek() == "(" or (self._named and self.accept("tuple")):
            if depth >= MAX_DEPTH:
                raise self.error(f"types nest deeper than {MAX_DEPTH}")
            components = self.parameters(depth + 1)
            if not components:
                raise self.error("a tuple without components has no encoding")
            type_ = self._bounded(as_tuple(components))
        else:
            name = self.take()
            if name not in ELEMENTARY:
                raise self.error(f"there is no ABI type {name!r}" if name else "a type is missing")
            type_ = ELEMENTARY[name]
        while self.accept("["):
            type_ = self._bounded(Array(type_, self._length()))
        return type_, components

    def _bounded(self, type_: Array | Tuple) -> AbiType:
        if type_.depth > MAX_DEPTH:
            raise self.error(f"types nest deeper than {MAX_DEPTH}")
        return type_

    def _length(self) -> int | None:
        if self.accept("]"):
            return None
        length = self.take()
        if not _LENGTH.fullmatch(length):
            raise self.error(f"{length!r} is not the length of an array, which is at least 1")
        self.expect("]")
        return int(length)


def _tokens(text: str) -> Iterator[str]:
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            raise AbiError(f"{text[position : position + 20]!r} does not belong in a signature")
        yield match.group(1)
        position = match.end()


@lru_cache(maxsize=1024)
def parse_type(text: str) -> AbiType:
    """The type that a canonical name such as `(uint256,address[])[2]` spells; `uint` and `int` are aliases.

    Raises `AbiError`.
    """
    reader = Reader(text, named=False)
    parameter = reader.parameter()
    reader.end()
    if any(character.isspace() for character in text):
        raise reader.error("a type is written without spaces")
    return parameter.type


def parse_types(texts: Sequence[str]) -> Tuple:
    """The types of arguments that stand side by side, as one tuple. Raises `AbiError`."""
    return Tuple(tuple(map(parse_type, texts)))


def as_tuple(parameters: Sequence[Parameter]) -> Tuple:
    """The types of `parameters`, as the tuple they are encoded as."""
    return Tuple(tuple(parameter.type for parameter in parameters))


def declaration(text: str, keyword: str) -> tuple[Reader, str, tuple[Parameter, ...]]:
    """What `keyword name(parameters)` declares: the reader behind it, the name, the parameters. Raises `AbiError`."""
    reader = Reader(text.strip().removesuffix(";"), named=True)
    reader.expect(keyword)
    return reader, reader.identifier(), reader.parameters()
