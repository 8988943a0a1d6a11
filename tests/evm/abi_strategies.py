"""Random ABI types, values of them, and encodings with something wrong."""

from __future__ import annotations

from typing import Any

from eth_utils.address import to_checksum_address
from hypothesis import strategies as st

from colonnade.evm.abi.grammar import parse_type
from colonnade.evm.abi.types import AbiType, Array, ByteString, Tuple, Word

_SIZES = st.sampled_from([1, 2, 3, 8, 15, 16, 20, 31, 32])

words = st.one_of(
    st.just("bool"),
    st.just("address"),
    _SIZES.map(lambda size: f"uint{size * 8}"),
    _SIZES.map(lambda size: f"int{size * 8}"),
    _SIZES.map(lambda size: f"bytes{size}"),
)
leaves = words | st.sampled_from(["bytes", "string"])


def _containers(types: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        types.map(lambda item: f"{item}[]"),
        st.builds(lambda item, length: f"{item}[{length}]", types, st.integers(1, 3)),
        st.lists(types, min_size=1, max_size=4).map(lambda components: f"({','.join(components)})"),
    )


abi_types = st.recursive(leaves, _containers, max_leaves=6)

_addresses = st.binary(min_size=20, max_size=20).map(to_checksum_address)


def _values(type_: AbiType) -> st.SearchStrategy[Any]:
    match type_:
        case Word("uint", size):
            return st.integers(0, 2 ** (8 * size) - 1)
        case Word("int", size):
            return st.integers(-(2 ** (8 * size - 1)), 2 ** (8 * size - 1) - 1)
        case Word("bool"):
            return st.booleans()
        case Word("address"):
            return _addresses
        case Word(_, size):
            return st.binary(min_size=size, max_size=size)
        case ByteString("bytes"):
            return st.binary(max_size=70)
        case ByteString():
            return st.text(max_size=40)
        case Array(item, None):
            return st.lists(_values(item), max_size=4).map(tuple)
        case Array(item, int(length)):
            return st.lists(_values(item), min_size=length, max_size=length).map(tuple)
        case Tuple(components):
            return st.tuples(*map(_values, components))
    raise AssertionError(type_)


def values_of(type_: str) -> st.SearchStrategy[Any]:
    """Values of a type, arrays as tuples, as decoding gives them."""
    return _values(parse_type(type_))


@st.composite
def typed_values(draw: st.DrawFn, max_size: int = 4) -> tuple[list[str], tuple[Any, ...]]:
    """Types, and a value of each."""
    types = draw(st.lists(abi_types, max_size=max_size))
    return types, tuple(draw(values_of(type_)) for type_ in types)


@st.composite
def damaged(draw: st.DrawFn, encoding: bytes) -> bytes:
    """`encoding` after one to three accidents: cut, grown, a byte or a word replaced, a word copied over another."""
    data = bytearray(encoding)
    for _ in range(draw(st.integers(1, 3))):
        words_count = len(data) // 32
        accident = draw(st.sampled_from(["cut", "grow", "byte", "word", "copy"]))
        if accident == "grow" or not words_count:
            data += draw(st.binary(min_size=1, max_size=64))
        elif accident == "cut":
            del data[draw(st.integers(0, len(data) - 1)) :]
        elif accident == "byte":
            data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
        else:
            at = 32 * draw(st.integers(0, words_count - 1))
            if accident == "word":
                small = st.integers(0, words_count + 2).map(lambda count: 32 * count)
                word = draw(st.integers(0, 3) | small | st.sampled_from([2**63, 2**64, 2**255, 2**256 - 1]))
                data[at : at + 32] = word.to_bytes(32, "big")
            else:
                source = 32 * draw(st.integers(0, words_count - 1))
                data[at : at + 32] = data[source : source + 32]
    return bytes(data)


def with_checksums(type_: str, value: Any) -> Any:
    """A value as `eth_abi` decodes it, with the checksum that it leaves out of addresses."""
    return _with_checksums(parse_type(type_), value)


def _with_checksums(type_: AbiType, value: Any) -> Any:
    match type_:
        case Word("address"):
            return to_checksum_address(value)
        case Array(item, _):
            return tuple(_with_checksums(item, each) for each in value)
        case Tuple(components):
            return tuple(_with_checksums(*pair) for pair in zip(components, value, strict=True))
    return value
