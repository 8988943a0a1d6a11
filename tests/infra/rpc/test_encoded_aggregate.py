"""The calls and results of Multicall3 that are written and read by hand are what its declaration says."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from hypothesis import given
from hypothesis import strategies as st

from colonnade.evm import AbiError, Address
from infra.rpc.aggregate import AGGREGATE3, _in_order, decoded, encoded

TARGETS = st.binary(min_size=20, max_size=20).map(lambda raw: Address("0x" + raw.hex()))
CALLS = st.lists(st.tuples(TARGETS, st.binary(max_size=100)), max_size=5)
RESULTS = st.lists(st.tuples(st.booleans(), st.binary(max_size=100)), max_size=5)


@given(CALLS)
def test_calls_are_encoded_as_the_declaration_of_aggregate3_says(calls: list[tuple[Address, bytes]]) -> None:
    whole = [(target, True, data) for target, data in calls]
    assert encoded(calls) == AGGREGATE3.encode(whole)
    assert encoded(calls)[4:] == encode(["(address,bool,bytes)[]"], [whole])


@given(RESULTS)
def test_results_are_read_in_the_order_in_which_solidity_writes_them(
    results: list[tuple[bool, bytes]],
) -> None:
    assert _in_order(encode(["(bool,bytes)[]"], [results])) == results


@given(RESULTS, st.data())
def test_whatever_else_stands_there_is_read_or_refused_as_eth_abi_does(
    results: list[tuple[bool, bytes]], drawn: st.DataObject
) -> None:
    damaged = bytearray(encode(["(bool,bytes)[]"], [results]))
    for _ in range(drawn.draw(st.integers(1, 3))):
        place = drawn.draw(st.integers(0, len(damaged) - 1))
        damaged[place] = drawn.draw(st.sampled_from([0, 1, 2, 31, 32, 33, 64, 96, 255]))
    cut = bytes(damaged[: drawn.draw(st.integers(0, len(damaged)) | st.just(len(damaged)))])
    try:
        expected: Any = by_declaration(cut)
    except AbiError:
        with pytest.raises(AbiError):
            decoded(cut)
        assert _in_order(cut) is None
        return
    assert [*decoded(cut)] == [*expected]
    assert [*expected] == [*by_eth_abi(cut)]


def by_declaration(data: bytes) -> Any:
    return AGGREGATE3.decode(data)[0]


def by_eth_abi(data: bytes) -> Any:
    return decode(["(bool,bytes)[]"], data)[0]


def test_results_that_lie_in_another_order_are_read_nevertheless() -> None:
    swapped = bytearray(encode(["(bool,bytes)[]"], [[(True, b"first"), (False, b"other")]]))
    swapped[64:96], swapped[96:128] = swapped[96:128], swapped[64:96]
    assert _in_order(bytes(swapped)) is None
    assert [*decoded(bytes(swapped))] == [(False, b"other"), (True, b"first")]


def test_a_padding_that_is_not_zero_is_refused() -> None:
    padded = bytearray(encode(["(bool,bytes)[]"], [[(True, b"x")]]))
    padded[-1] = 1
    with pytest.raises(AbiError):
        decoded(bytes(padded))
    with pytest.raises(DecodingError):
        by_eth_abi(bytes(padded))
