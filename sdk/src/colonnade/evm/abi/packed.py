"""Solidity's `abi.encodePacked`: values side by side, without padding or offsets."""

from __future__ import annotations

from collections.abc import Sequence

from colonnade.evm.abi import words
from colonnade.evm.abi.encoding import byte_string, encoder
from colonnade.evm.abi.grammar import parse_types
from colonnade.evm.abi.types import WORD, AbiError, AbiType, Array, ByteString, Word


def encode_packed(types: Sequence[str], values: Sequence[object]) -> bytes:
    """`values` packed as Solidity packs them. Raises `AbiError`.

    Items of arrays are padded to a word (`eth_abi` never pads them, `Web3.solidity_keccak` all but `bytesN`). Nested arrays, arrays of `bytes` or
    `string`, and structs cannot be packed. Two dynamic values side by side are ambiguous: do not sign those.
    """
    packed = parse_types(types).components
    if len(packed) != len(values):
        raise AbiError(f"{len(packed)} types for {len(values)} values")
    return b"".join(_packed(type_, value) for type_, value in zip(packed, values, strict=True))


def _packed(type_: AbiType, value: object) -> bytes:
    match type_:
        case Word():
            return words.encoder(type_, type_.size)(value)
        case ByteString():
            return byte_string(value, type_)
        case Array(item=Word()):
            # Both kinds are their words in a row, without the count that a dynamic array begins with.
            return encoder(type_)(value)[WORD if type_.length is None else 0 :]
        case _:
            raise AbiError(f"{type_} cannot be packed")
