"""Type strings: what `eth_abi` parses, without the types Solidity does not have yet."""

from __future__ import annotations

import re
from typing import Any

import pytest
from eth_abi.abi import is_encodable_type
from eth_abi.grammar import normalize
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.evm import AbiError, decode
from colonnade.evm.abi.grammar import MAX_DEPTH, parse_type
from tests.evm.abi_strategies import abi_types


def eth_abi_canonical(text: str) -> str:
    return str(normalize(text))  # type: ignore[no-untyped-call]


@settings(deadline=None)
@given(abi_types)
def test_a_canonical_type_is_written_as_it_was_read(text: str) -> None:
    assert str(parse_type(text)) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [("uint", "uint256"), ("int[]", "int256[]"), ("(uint,function)[2]", "(uint256,bytes24)[2]")],
)
def test_an_alias_is_written_out(text: str, canonical: str) -> None:
    assert str(parse_type(text)) == canonical == eth_abi_canonical(text)


_words = st.sampled_from(["uint", "int", "bytes", "string", "bool", "address", "function", "tuple", "x", "é"])
_numbers = st.sampled_from(["8", "256", "32", "0", "7"])
_signs = st.sampled_from(["(", ")", ",", "[", "]", "[]", "[2]", "[0]", " "])


@settings(max_examples=300, deadline=None)
@given(st.lists(_words | _numbers | _signs, max_size=8).map("".join))
def test_a_text_is_a_type_exactly_where_eth_abi_says_so(text: str) -> None:
    try:
        canonical = str(parse_type(text))
    except AbiError:
        # `eth_abi` reads over any number behind these two.
        assert not is_encodable_type(text) or re.search(r"(bool|function)[0-9]", text)
    else:
        assert is_encodable_type(text)
        assert canonical == eth_abi_canonical(text)


@pytest.mark.parametrize(
    "text", ["", "uint7", "uint264", "bytes0", "bytes33", "fixed128x18", "byte", "hash32"]
)
def test_a_word_that_names_no_type_is_refused(text: str) -> None:
    with pytest.raises(AbiError):
        parse_type(text)


_LONG = pytest.param(f"uint8[{'9' * 5000}]", id="a length too long for int to read")


@pytest.mark.parametrize("text", ["uint8[0]", "uint8[-1]", "uint8[01]", "uint8[", _LONG])
def test_a_length_that_no_array_has_is_refused(text: str) -> None:
    with pytest.raises(AbiError):
        parse_type(text)


@pytest.mark.parametrize(
    "text", ["()", "(bool", "bool)", "(bool,)", "(,bool)", "bool flag", "tuple(bool)", "bool;"]
)
def test_a_malformed_type_is_refused(text: str) -> None:
    with pytest.raises(AbiError):
        parse_type(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("(" * 100_000, id="tuples"),
        pytest.param("uint8" + "[]" * 100_000, id="arrays"),
        pytest.param("(" * 20 + "bool" + ")[2][]" * 20, id="both in turn"),
    ],
)
def test_a_type_that_nests_too_deep_is_refused(text: str) -> None:
    with pytest.raises(AbiError, match="nest deeper"):
        parse_type(text)


def test_the_deepest_type_still_decodes() -> None:
    nested: Any = decode(["uint8" + "[1]" * MAX_DEPTH], (7).to_bytes(32, "big"))
    for _ in range(MAX_DEPTH + 1):
        (nested,) = nested
    assert nested == 7
