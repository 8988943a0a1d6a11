"""The ABI codec answers as `eth_abi` does, and hostile data costs no more than its size."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
from eth_abi import abi as eth_abi
from eth_abi.exceptions import DecodingError, EncodingError
from hexbytes import HexBytes
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.evm import AbiError, decode, encode
from tests.evm.abi_strategies import abi_types, damaged, leaves, typed_values, with_checksums

# What these two refuse, `eth_abi` may accept: see the docstring of `colonnade.evm.abi.decoding`.
STRICTER = ("points into the head it stands in", "offsets share bytes so often")


def words(*numbers: int) -> bytes:
    return b"".join((number % 2**256).to_bytes(32, "big") for number in numbers)


def our_decode(types: list[str], data: bytes) -> tuple[Any, ...] | str:
    """What we decode, or why we refuse."""
    try:
        return decode(types, data)
    except AbiError as error:
        return str(error)


def eth_abi_decode(types: list[str], data: bytes) -> tuple[Any, ...] | None:
    """What `eth_abi` decodes, or None where it refuses; numbers too large for its stream overflow."""
    try:
        decoded = eth_abi.decode(types, data)
    except (DecodingError, UnicodeDecodeError, OverflowError):
        return None
    return tuple(with_checksums(type_, value) for type_, value in zip(types, decoded, strict=True))


@settings(max_examples=300, deadline=None)
@given(typed_values())
def test_encoding_equals_eth_abi_byte_for_byte_and_decodes_to_the_same_values(
    typed: tuple[list[str], tuple[Any, ...]],
) -> None:
    types, values = typed
    encoded = encode(types, values)
    assert encoded == eth_abi.encode(types, values)
    assert decode(types, encoded) == values


@settings(max_examples=400, deadline=None)
@given(typed_values(max_size=3), st.data())
def test_damaged_data_is_accepted_exactly_where_eth_abi_accepts_it(
    typed: tuple[list[str], tuple[Any, ...]], draws: st.DataObject
) -> None:
    types, values = typed
    data = draws.draw(damaged(encode(types, values)))
    ours = our_decode(types, data)
    if not isinstance(ours, str):
        assert eth_abi_decode(types, data) == ours
    elif not any(stricter in ours for stricter in STRICTER):
        assert eth_abi_decode(types, data) is None


@settings(max_examples=300, deadline=None)
@given(st.lists(abi_types, min_size=1, max_size=3), st.lists(st.integers(0, 12), max_size=24))
def test_words_that_were_never_an_encoding_are_accepted_exactly_where_eth_abi_accepts_them(
    types: list[str], numbers: list[int]
) -> None:
    data = words(*(number if number < 4 else 32 * (number - 4) for number in numbers))
    ours = our_decode(types, data)
    if not isinstance(ours, str):
        assert eth_abi_decode(types, data) == ours
    elif not any(stricter in ours for stricter in STRICTER):
        assert eth_abi_decode(types, data) is None


@settings(max_examples=300, deadline=None)
@given(st.lists(leaves, min_size=1, max_size=4), st.data())
def test_an_offset_is_judged_as_eth_abi_judges_it_where_heads_are_words(
    types: list[str], draws: st.DataObject
) -> None:
    heads = draws.draw(
        st.lists(st.integers(0, 12).map(lambda count: 32 * count), min_size=len(types), max_size=len(types))
    )
    data = words(*heads) + draws.draw(
        st.sampled_from([b"", words(0), words(0, 0), words(1, 0), words(32, 0, 0)])
    )
    ours = our_decode(types, data)
    assert eth_abi_decode(types, data) == (None if isinstance(ours, str) else ours)


anything = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.binary(max_size=40), st.text(max_size=45)
    ),
    lambda values: (
        st.lists(values, max_size=3)
        | st.tuples(values)
        | st.dictionaries(st.text(max_size=2), values, max_size=2)
    ),
    max_leaves=5,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(abi_types, min_size=1, max_size=3), st.data())
def test_values_that_fit_no_type_raise_only_abi_errors(types: list[str], draws: st.DataObject) -> None:
    values = draws.draw(st.lists(anything, min_size=len(types), max_size=len(types)))
    try:
        encoded = encode(types, values)
    except AbiError:
        return
    assert encoded == eth_abi.encode(types, values)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("uint8", 256),
        ("uint8", -1),
        ("int8", 128),
        ("int8", -129),
        ("uint256", 2**256),
        ("uint256", True),
        ("uint256", "1"),
        ("uint256", 1.0),
        ("bool", 1),
        ("bytes4", b"12345"),
        ("bytes4", "0x01020304"),
        ("bytes", "text"),
        ("string", b"bytes"),
        ("string", "\ud800"),
        ("address", "0x833589fcd6edb6e08f4c7c32d4f71b54bda0291"),
        ("address", 1),
        ("uint8[2]", [1]),
        ("uint8[]", 1),
        ("uint8[]", b"\1\2"),
        ("string[]", "ab"),
        ("(uint8,bool)", (1,)),
        ("(uint8,bool)", {"a": 1, "b": True}),
    ],
)
def test_a_value_out_of_its_type_is_refused_as_eth_abi_refuses_it(type_: str, value: object) -> None:
    with pytest.raises(AbiError):
        encode([type_], [value])
    with pytest.raises((EncodingError, UnicodeEncodeError)):
        eth_abi.encode([type_], [value])


def test_a_number_too_long_for_python_to_print_is_refused_like_any_other() -> None:
    with pytest.raises(AbiError, match="out of the range of uint256"):
        encode(["uint256"], [2**20_000])


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        pytest.param("bytes4", b"123", id="a bytesN that is too short, which eth_abi pads"),
        pytest.param("address", b"\1" * 20, id="an address in bytes"),
        pytest.param("address", "833589fcd6edb6e08f4c7c32d4f71b54bda02913", id="an address without 0x"),
        pytest.param(
            "address", "0x833589FcD6eDb6E08f4c7C32D4f71b54bdA02913", id="an address with a wrong checksum"
        ),
    ],
)
def test_encoding_is_stricter_than_eth_abi_only_where_its_documentation_says(
    type_: str, value: object
) -> None:
    with pytest.raises(AbiError):
        encode([type_], [value])
    assert eth_abi.encode([type_], [value])


@pytest.mark.parametrize("values", [[], [1, 2]])
def test_another_number_of_values_than_types_is_refused(values: list[int]) -> None:
    with pytest.raises(AbiError, match=f"takes 1 values, not {len(values)}"):
        encode(["uint256"], values)


@pytest.mark.parametrize("type_", ["((uint256,uint256),bytes)", "(uint8[2][2],bytes)"])
def test_an_offset_into_its_own_head_is_refused_even_where_eth_abi_overlooks_it(type_: str) -> None:
    static_words = 2 if type_.startswith("((") else 4
    # The offset is also the length of what it leads to: itself.
    data = words(32, *[0] * static_words, 32 * static_words) + bytes(32 * static_words)
    with pytest.raises(AbiError, match="points into the head"):
        decode([type_], data)
    assert eth_abi_decode([type_], data) is not None


@pytest.mark.parametrize("data", [bytes, bytearray, memoryview, HexBytes])
def test_any_buffer_decodes_to_plain_bytes(data: type[Any]) -> None:
    (value,) = decode(["bytes4"], data(b"\1\2\3\4" + bytes(28)))
    assert type(value) is bytes


@pytest.mark.parametrize("data", ["00" * 32, 32, None])
def test_what_is_no_buffer_is_a_type_error(data: Any) -> None:
    with pytest.raises(TypeError):
        decode(["uint256"], data)


def test_an_address_is_decoded_with_its_checksum() -> None:
    data = bytes(12) + bytes.fromhex("833589fcd6edb6e08f4c7c32d4f71b54bda02913")
    assert decode(["address"], data) == ("0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",)


def test_bytes_that_nothing_refers_to_are_ignored() -> None:
    assert decode(["uint8"], words(7) + b"trailing") == (7,)
    assert decode([], b"anything") == ()


def test_equal_tails_may_be_shared() -> None:
    data = words(32, 3, 96, 96, 96, 2) + b"ab".ljust(32, b"\0")
    assert decode(["bytes[]"], data) == ((b"ab",) * 3,) == eth_abi.decode(["bytes[]"], data)


def nested_bomb(levels: int, width: int) -> bytes:
    """Arrays of arrays, each `width` offsets to the same next one: `width ** levels` numbers in few words."""
    level = words(width, *[32 * width] * width)
    return words(32) + level * (levels - 1) + words(width, *range(width))


HOSTILE = {
    "arrays that share their items, nested ten deep": (["uint256" + "[]" * 10], nested_bomb(10, 16)),
    "strings that share their text a thousand times": (
        ["bytes[]"],
        words(32, 1000, *[32_000] * 1000, 32_000) + bytes(32_000),
    ),
    "a length of 2^256 - 1": (["uint256[]"], words(32, 2**256 - 1, 0)),
    "a length that overflows 64 bits when multiplied": (["(uint256,uint256)[]"], words(32, 2**59, 0)),
    "a giant count of empty strings": (["string[]"], words(32, 2**40, 0)),
    "a giant text": (["string"], words(32, 2**255)),
    "an offset of 2^256 - 1": (["bytes"], words(2**256 - 1, 0)),
    "an offset just past the end": (["bytes"], words(64, 0)),
    "an offset to itself": (["uint256[][]"], words(32, 1, 0)),
    "an array that contains itself": (["uint256[][][]"], words(0, 0, 0)),
    "a fixed array larger than memory": ([f"uint256[{10**17}]"], words(0)),
    "a fixed array of strings larger than memory": ([f"string[{10**17}]"], words(32)),
    "nothing at all": (["uint256"], b""),
    "half a word": (["uint256"], bytes(31)),
    "text without its padding": (["string"], words(32, 1) + b"a"),
    "text with another padding": (["string"], words(32, 1) + b"ab".ljust(32, b"\0")),
    "text that is not UTF-8": (["string"], words(32, 1) + b"\xff".ljust(32, b"\0")),
    "a bool of 2": (["bool"], words(2)),
    "an address of 21 bytes": (["address"], words(2**160)),
    "a uint8 of 256": (["uint8"], words(256)),
    "an int8 without its sign": (["int8"], words(255)),
    "an int8 of -129": (["int8"], words(-129)),
    "a bytes4 of 5": (["bytes4"], b"12345".ljust(32, b"\0")),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_data_is_refused_within_the_memory_of_its_size(case: str) -> None:
    types, data = HOSTILE[case]
    tracemalloc.start()
    try:
        with pytest.raises(AbiError):
            decode(types, data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200_000 + 20 * len(data)
