from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.chains import BASE, BlockRef, Finality
from infra.rpc.wire import MalformedValue, binary, block_hash, header, quantity

HASH = "0x" + "ab" * 32
PARENT = "0x" + "cd" * 32
HEADER = {
    "number": "0x10",
    "hash": HASH,
    "parentHash": PARENT,
    "timestamp": "0x65920080",
    "baseFeePerGas": "0x3b9aca00",
    "extraData": "0x",
}


def read(value: object) -> BlockRef:
    return header(value, BASE, Finality.SAFE)


def test_a_header_becomes_a_block() -> None:
    assert read(HEADER) == BlockRef(
        chain_id=BASE,
        number=16,
        hash=bytes.fromhex("ab" * 32),
        parent_hash=bytes.fromhex("cd" * 32),
        timestamp=datetime(2024, 1, 1, tzinfo=UTC),
        finality=Finality.SAFE,
        base_fee=10**9,
    )


def test_a_header_from_before_eip_1559_has_no_base_fee() -> None:
    assert read({key: value for key, value in HEADER.items() if key != "baseFeePerGas"}).base_fee == 0


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"hash": None}, "no hash: it is pending"),
        ({"hash": HASH[:-2]}, "the block hash is not 32 bytes"),
        ({"parentHash": None}, "the parent hash is not 0x-hexadecimal"),
        ({"number": 16}, "the block number is not a quantity"),
        ({"number": None}, "the block number is not a quantity"),
        ({"number": hex(2**63)}, "the block number is out of range"),
        ({"timestamp": hex(10**12)}, "the block timestamp is out of range"),
        ({"timestamp": "0x"}, "the block timestamp is not a quantity"),
        ({"baseFeePerGas": "-0x1"}, "the base fee is not a quantity"),
        ({"baseFeePerGas": hex(2**128)}, "the base fee is out of range"),
    ],
)
def test_a_header_that_is_wrong_is_refused(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(MalformedValue, match=problem):
        read(HEADER | change)


@pytest.mark.parametrize("value", [None, [], "0x10", 16])
def test_what_is_no_object_is_no_header(value: object) -> None:
    with pytest.raises(MalformedValue, match="not an object"):
        read(value)


@given(st.integers(0, 2**256 - 1))
def test_a_quantity_is_read_back(number: int) -> None:
    assert quantity(hex(number), "it") == number


@given(st.binary(max_size=100))
def test_bytes_are_read_back(data: bytes) -> None:
    assert binary("0x" + data.hex(), "it") == data


@pytest.mark.parametrize(
    "value",
    ["", "0x", "10", "0xg", "0x 1", " 0x1", "0x1\n", "0x" + "1" * 65, "0X1", "0x1_0", "0x١", 1, None, True],
)
def test_what_is_no_quantity_is_refused(value: object) -> None:
    with pytest.raises(MalformedValue, match="it is not a quantity"):
        quantity(value, "it")


@pytest.mark.parametrize("value", ["", "12", "0x1", "0xgg", "0x 12 ", "0x12\n", "0x1 23", 1, None, b"0x12"])
def test_what_is_no_hexadecimal_is_refused(value: object) -> None:
    with pytest.raises(MalformedValue, match="it is not 0x-hexadecimal"):
        binary(value, "it")


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_hash_is_32_bytes(length: int) -> None:
    with pytest.raises(MalformedValue, match="not 32 bytes"):
        block_hash("0x" + "00" * length, "it")
