"""Solidity's `abi.encodePacked`: values side by side, without padding or offsets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from colonnade.evm.abi import words
from colonnade.evm.abi.encoding import byte_string, encoder
from colonnade.evm.abi.grammar import parse_types
from colonnade.evm.abi.types import WORD, AbiError, AbiType, Array, ByteString, Encode, Word


def encode_packed(types: Sequence[str], values: Sequence[object]) -> bytes:
    """`values` packed as Solidity packs them. Raises `AbiError`.

    Items of arrays are padded to a word (`eth_abi` never pads them, `Web3.solidity_keccak` all but `bytesN`). Nested
    arrays, arrays of `bytes` or `string`, and structs cannot be packed. Two dynamic values side by side are
    ambiguous: do not sign those.
    """
    packers = _packers(tuple(types))
    if len(packers) != len(values):
        raise AbiError(f"{len(packers)} types for {len(values)} values")
    return b"".join([pack(value) for pack, value in zip(packers, values, strict=True)])


@lru_cache(maxsize=1024)
def _packers(types: tuple[str, ...]) -> tuple[Encode, ...]:
    return tuple(map(_packer, parse_types(types).components))


def _packer(type_: AbiType) -> Encode:
    match type_:
        case Word():
            return words.encoder(type_, type_.size)
        case ByteString():
            return lambda value: byte_string(value, type_)
        case Array(item=Word()):
            # Both kinds are their words in a row, without the count that a dynamic array begins with.
            encode, count = encoder(type_), WORD if type_.length is None else 0
            return lambda value: encode(value)[count:]
        case _:
            raise AbiError(f"{type_} cannot be packed")
