"""The types of the Solidity ABI, as a small tree."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, TypeAlias

WORD: Final = 32
"""Bytes of the ABI's unit: every head and every padded value is a multiple of it."""


Claim: TypeAlias = Callable[[int, int], None]
"""`claim(at, count)`: these bytes are about to be read. Raises `AbiError` where they are not there."""

Encode: TypeAlias = Callable[[object], bytes]
Decode: TypeAlias = Callable[[bytes, int, Claim], Any]
"""`decode(data, at, claim)`: the value at byte `at`. Whoever follows an offset claims what stands behind it,
static contents included, so that decoding a word needs no check of its own."""


class AbiError(ValueError):
    """A value does not fit its type, data is not an encoding of it, or a type or signature is malformed."""


@dataclass(frozen=True, slots=True)
class Word:
    """A type whose value stands in one word. `size`: bytes of the value itself, so `uint24` has 3."""

    kind: Literal["uint", "int", "bool", "address", "bytes"]
    size: int
    dynamic: ClassVar[bool] = False
    slot: ClassVar[int] = WORD
    depth: ClassVar[int] = 0

    def __str__(self) -> str:
        if self.kind in ("bool", "address"):
            return self.kind
        return f"{self.kind}{self.size if self.kind == 'bytes' else self.size * 8}"


@dataclass(frozen=True, slots=True)
class ByteString:
    """`bytes` or `string`."""

    kind: Literal["bytes", "string"]
    dynamic: ClassVar[bool] = True
    slot: ClassVar[int] = WORD
    depth: ClassVar[int] = 0

    def __str__(self) -> str:
        return self.kind


@dataclass(frozen=True, slots=True)
class Array:
    """`item[length]`, or `item[]` where `length` is None."""

    item: AbiType
    length: int | None

    @property
    def dynamic(self) -> bool:
        return self.length is None or self.item.dynamic

    @property
    def slot(self) -> int:
        return WORD if self.length is None or self.item.dynamic else self.length * self.item.slot

    @property
    def depth(self) -> int:
        return 1 + self.item.depth

    def __str__(self) -> str:
        return f"{self.item}[{'' if self.length is None else self.length}]"


@dataclass(frozen=True, slots=True)
class Tuple:
    """A struct, or the arguments of a call; `head` is the size of its own head in bytes."""

    components: tuple[AbiType, ...]

    @property
    def dynamic(self) -> bool:
        return any(component.dynamic for component in self.components)

    @property
    def head(self) -> int:
        return sum(component.slot for component in self.components)

    @property
    def slot(self) -> int:
        return WORD if self.dynamic else self.head

    @property
    def depth(self) -> int:
        return 1 + max((component.depth for component in self.components), default=0)

    def __str__(self) -> str:
        return f"({','.join(map(str, self.components))})"


AbiType: TypeAlias = Word | ByteString | Array | Tuple
"""Each has `dynamic` (it stands behind an offset), `slot` (bytes it takes in the head of what contains it),
`depth` (how many tuples and arrays nest in it), and its canonical name as `str`."""


def _elementary() -> dict[str, Word | ByteString]:
    types: list[Word | ByteString] = [
        Word("bool", 1),
        Word("address", 20),
        ByteString("bytes"),
        ByteString("string"),
    ]
    for size in range(1, 33):
        types += [Word("uint", size), Word("int", size), Word("bytes", size)]
    return {str(type_): type_ for type_ in types} | {
        "uint": Word("uint", 32),
        "int": Word("int", 32),
        "function": Word("bytes", 24),
    }


ELEMENTARY: Final[Mapping[str, Word | ByteString]] = _elementary()
"""Every type with a name of its own, aliases included. Solidity's `fixed` has no values yet, nor has it here."""
