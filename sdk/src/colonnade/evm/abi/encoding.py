"""Encoding by heads and tails, after the Solidity ABI specification."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import cast

from colonnade.evm.abi import words
from colonnade.evm.abi.grammar import parse_types
from colonnade.evm.abi.types import WORD, AbiError, AbiType, Array, ByteString, Encode, Tuple, Word


def encode(types: Sequence[str], values: Sequence[object]) -> bytes:
    """The ABI encoding of `values`, as Solidity's `abi.encode`. Raises `AbiError`."""
    return _arguments_encoder(tuple(types))(values)


def encoder(type_: AbiType) -> Encode:
    """Encodes values of `type_`: what stands in the head where it is static, else what its offset leads to."""
    match type_:
        case Word():
            return words.encoder(type_)
        case ByteString():
            return _byte_string_encoder(type_)
        case Array():
            return _array_encoder(type_)
        case Tuple():
            return _tuple_encoder(type_)


def byte_string(value: object, type_: ByteString) -> bytes:
    """The bytes of a `bytes` or `string`, as they are. Raises `AbiError`."""
    if type_.kind == "bytes":
        if not isinstance(value, bytes | bytearray):
            raise AbiError(f"bytes takes bytes, not {type(value).__name__}")
        return bytes(value)
    if not isinstance(value, str):
        raise AbiError(f"string takes text, not {type(value).__name__}")
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        raise AbiError(f"a string must be valid Unicode: {error.reason}") from error


@lru_cache(maxsize=1024)
def _arguments_encoder(types: tuple[str, ...]) -> Encode:
    return encoder(parse_types(types))


def _byte_string_encoder(type_: ByteString) -> Encode:
    def encode_padded(value: object) -> bytes:
        raw = byte_string(value, type_)
        return len(raw).to_bytes(WORD, "big") + raw + bytes(-len(raw) % WORD)

    return encode_padded


def _array_encoder(type_: Array) -> Encode:
    item, dynamic, slot = encoder(type_.item), type_.item.dynamic, type_.item.slot
    counted = type_.length is None

    def encode_array(value: object) -> bytes:
        values = _sequence(value, type_, type_.length)
        encoded = [item(each) for each in values]
        items = (
            _heads_and_tails(encoded, [dynamic] * len(encoded), slot * len(encoded))
            if dynamic
            else b"".join(encoded)
        )
        return len(encoded).to_bytes(WORD, "big") + items if counted else items

    return encode_array


def _tuple_encoder(type_: Tuple) -> Encode:
    components = [encoder(component) for component in type_.components]
    dynamic = [component.dynamic for component in type_.components]
    head, static = type_.head, not type_.dynamic

    def encode_tuple(value: object) -> bytes:
        values = _sequence(value, type_, len(components))
        encoded = [component(each) for component, each in zip(components, values, strict=True)]
        return b"".join(encoded) if static else _heads_and_tails(encoded, dynamic, head)

    return encode_tuple


def _heads_and_tails(encoded: Sequence[bytes], dynamic: Sequence[bool], head: int) -> bytes:
    heads: list[bytes] = []
    tails: list[bytes] = []
    offset = head
    for part, is_dynamic in zip(encoded, dynamic, strict=True):
        if is_dynamic:
            heads.append(offset.to_bytes(WORD, "big"))
            tails.append(part)
            offset += len(part)
        else:
            heads.append(part)
    return b"".join(heads + tails)


def _sequence(value: object, type_: AbiType, length: int | None) -> Sequence[object]:
    plain = type(value) is tuple or type(value) is list  # sooner told than by what they can do
    if not plain and (
        not isinstance(value, Sequence) or isinstance(value, str | bytes | bytearray | memoryview)
    ):
        raise AbiError(f"{type_} takes a list or tuple, not {type(value).__name__}")
    values = cast(Sequence[object], value)
    if length is not None and len(values) != length:
        raise AbiError(f"{type_} takes {length} values, not {len(values)}")
    return values
