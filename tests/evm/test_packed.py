"""Packed encoding hashes to what web3 calls the Solidity keccak."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from web3 import Web3

from colonnade.evm import AbiError, encode_packed, keccak
from tests.evm import abi_strategies

# Not arrays of a bytesN below 32, whose items `Web3.solidity_keccak` does not pad as Solidity does.
_items = abi_strategies.words.filter(lambda word: not word.startswith("bytes") or word == "bytes32")
_packable = abi_strategies.leaves | _items.flatmap(lambda word: st.sampled_from([f"{word}[]", f"{word}[2]"]))


@st.composite
def _typed_values(draw: st.DrawFn) -> tuple[list[str], list[Any]]:
    types = draw(st.lists(_packable, min_size=1, max_size=4))
    return types, [draw(abi_strategies.values_of(type_)) for type_ in types]


@settings(max_examples=200, deadline=None)
@given(_typed_values())
def test_packed_values_hash_as_in_solidity(typed: tuple[list[str], list[Any]]) -> None:
    types, values = typed
    assert keccak(encode_packed(types, values)) == Web3.solidity_keccak(types, values)


def test_values_stand_side_by_side_and_items_of_arrays_in_words() -> None:
    packed = encode_packed(["int16", "bytes1", "uint16", "string"], [-1, b"B", 3, "Hello!"])
    assert packed.hex() == "ffff42000348656c6c6f21"
    assert encode_packed(["uint8[]", "bytes1[1]"], [[4, 5], [b"B"]]) == bytes(31) + b"\4" + bytes(
        31
    ) + b"\5B" + bytes(31)


@pytest.mark.parametrize(
    ("type_", "value"),
    [("uint8[][]", [[1]]), ("string[]", ["a"]), ("(uint8,bool)", (1, True)), ("uint8", 256)],
)
def test_what_solidity_cannot_pack_is_refused(type_: str, value: object) -> None:
    with pytest.raises(AbiError):
        encode_packed([type_], [value])


def test_another_number_of_values_than_types_is_refused() -> None:
    with pytest.raises(AbiError):
        encode_packed(["uint8"], [])
