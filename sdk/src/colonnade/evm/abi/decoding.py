"""Decoding by heads and tails, of data that may be hostile.

Every offset, length and padding is checked as strictly as `eth_abi` does by default, and two things more.
An offset never points into the head it stands in (`eth_abi` misses that behind a static tuple or a nested fixed
array). And values may share bytes, but together they read no more than `MAX_READS` times the data: offsets that
meet again and again would otherwise make a kilobyte decode to terabytes. Bytes that nothing refers to are
ignored, as Solidity ignores them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from colonnade.evm.abi import words
from colonnade.evm.abi.grammar import parse_types
from colonnade.evm.abi.types import WORD, AbiError, AbiType, Array, ByteString, Claim, Decode, Tuple, Word

MAX_READS: Final = 8
"""How often the bytes of an encoding may be read, on average."""

Data: TypeAlias = bytes | bytearray | memoryview


def decode(types: Sequence[str], data: Data) -> tuple[Any, ...]:
    """The values that `data` encodes, as Solidity's `abi.decode`; addresses have their checksum. Raises `AbiError`."""
    return _arguments_decoder(tuple(types))(data)


def arguments_decoder(type_: Tuple) -> Callable[[Data], tuple[Any, ...]]:
    """Decodes data that begins with the components of `type_`, as calls, results and logs do."""
    decode_tuple, static = _decoder(type_), not type_.dynamic
    static_size = type_.head if static else 0

    def decode_arguments(data: Data) -> tuple[Any, ...]:
        # Slices of `HexBytes`, which web3 answers with, are slow; slices of a `memoryview` are not `bytes`.
        raw = data if type(data) is bytes else memoryview(data).tobytes()
        # Without an offset nothing is read twice: that all of it is there is enough.
        claim = _nothing if static and len(raw) >= static_size else _claim(len(raw))
        claim(0, static_size)
        values: tuple[Any, ...] = decode_tuple(raw, 0, claim)
        return values

    return decode_arguments


@lru_cache(maxsize=1024)
def _arguments_decoder(types: tuple[str, ...]) -> Callable[[Data], tuple[Any, ...]]:
    return arguments_decoder(parse_types(types))


def _claim(size: int) -> Claim:
    allowance = size * MAX_READS

    def claim(at: int, count: int) -> None:
        nonlocal allowance
        if at + count > size:
            raise AbiError(f"{_shown(count)} bytes are due at byte {_shown(at)}, but the data ends at {size}")
        allowance -= count
        if allowance < 0:
            raise AbiError(f"offsets share bytes so often that the data would be read over {MAX_READS} times")

    return claim


def _nothing(at: int, count: int) -> None:
    """Claims what is known to be there."""


def _shown(number: int) -> str:
    return str(number) if number < 1 << 64 else "2**64 or more"


def _decoder(type_: AbiType) -> Decode:
    match type_:
        case Word():
            return words.decoder(type_)
        case ByteString():
            return _decode_bytes if type_.kind == "bytes" else _decode_string
        case Array(length=None):
            return _dynamic_array_decoder(type_)
        case Array():
            return _fixed_array_decoder(type_)
        case Tuple():
            return _tuple_decoder(type_)


def _uint(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + WORD], "big")


def _follow(data: bytes, start: int, place: int, head: int) -> int:
    """Where the offset at `place` leads, counted from the `start` of the head, of `head` bytes, it stands in."""
    offset = _uint(data, place)
    if offset < head:
        raise AbiError(f"the offset at byte {place} points into the head it stands in")
    return start + offset


def _decode_bytes(data: bytes, at: int, claim: Claim) -> bytes:
    claim(at, WORD)
    start, length = at + WORD, _uint(data, at)
    padding = -length % WORD
    claim(start, length + padding)
    end = start + length
    if any(data[end : end + padding]):
        raise AbiError(f"the bytes at byte {at} are not padded with zeros")
    return data[start:end]


def _decode_string(data: bytes, at: int, claim: Claim) -> str:
    try:
        return _decode_bytes(data, at, claim).decode()
    except UnicodeDecodeError as error:
        raise AbiError(f"the string at byte {at} is not UTF-8: {error.reason}") from error


def _items_decoder(item: AbiType) -> Callable[[bytes, int, int, Claim], tuple[Any, ...]]:
    """Decodes `count` items whose heads, already claimed, begin at `start`."""
    decode_item, slot = _decoder(item), item.slot

    def decode_static(data: bytes, start: int, count: int, claim: Claim) -> tuple[Any, ...]:
        return tuple([decode_item(data, place, claim) for place in range(start, start + count * slot, slot)])

    def decode_dynamic(data: bytes, start: int, count: int, claim: Claim) -> tuple[Any, ...]:
        head = count * WORD
        places = range(start, start + head, WORD)
        return tuple([decode_item(data, _follow(data, start, place, head), claim) for place in places])

    return decode_dynamic if item.dynamic else decode_static


def _dynamic_array_decoder(type_: Array) -> Decode:
    decode_items, slot = _items_decoder(type_.item), type_.item.slot

    def decode_array(data: bytes, at: int, claim: Claim) -> tuple[Any, ...]:
        claim(at, WORD)
        start, count = at + WORD, _uint(data, at)
        claim(start, count * slot)
        return decode_items(data, start, count, claim)

    return decode_array


def _fixed_array_decoder(type_: Array) -> Decode:
    decode_items, count, dynamic = _items_decoder(type_.item), type_.length or 0, type_.dynamic

    def decode_array(data: bytes, at: int, claim: Claim) -> tuple[Any, ...]:
        if dynamic:
            claim(at, count * WORD)
        return decode_items(data, at, count, claim)

    return decode_array


def _tuple_decoder(type_: Tuple) -> Decode:
    head = type_.head
    parts: list[tuple[Decode, int, bool]] = []
    place = 0
    for component in type_.components:
        parts.append((_decoder(component), place, component.dynamic))
        place += component.slot
    static_parts = [(decode_part, place) for decode_part, place, _ in parts]

    def decode_static(data: bytes, at: int, claim: Claim) -> tuple[Any, ...]:
        return tuple([decode_part(data, at + place, claim) for decode_part, place in static_parts])

    def decode_dynamic(data: bytes, at: int, claim: Claim) -> tuple[Any, ...]:
        claim(at, head)
        values: list[Any] = []
        for decode_part, place, dynamic in parts:
            where = at + place
            values.append(decode_part(data, _follow(data, at, where, head) if dynamic else where, claim))
        return tuple(values)

    return decode_dynamic if type_.dynamic else decode_static
