"""Addresses are parsed from any spelling, kept in the EIP-55 one, and predicted for contracts to come."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from eth_utils.address import is_address, to_canonical_address, to_checksum_address
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.evm import (
    ZERO_ADDRESS,
    Address,
    InvalidAddress,
    address_bytes,
    checksum,
    create2_address,
    create_address,
    keccak,
    parse_address,
)

USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"


def _upper(address: str) -> str:
    return "0x" + address[2:].upper()


twenty_bytes = st.binary(min_size=20, max_size=20)


@settings(deadline=None)
@given(twenty_bytes)
def test_the_checksum_is_that_of_eth_utils(raw: bytes) -> None:
    address = checksum(raw)
    assert str(address) == to_checksum_address(raw)
    assert address_bytes(address) == raw == to_canonical_address(address)


@settings(deadline=None)
@given(twenty_bytes, st.sampled_from([str, str.lower, _upper]))
def test_every_spelling_of_an_address_is_one_address(raw: bytes, spelling: Callable[[str], str]) -> None:
    assert parse_address(spelling(checksum(raw))) == checksum(raw)


@settings(deadline=None)
@given(twenty_bytes, st.sets(st.integers(2, 41), min_size=1))
def test_a_wrong_checksum_is_refused_with_the_right_one(raw: bytes, flipped: set[int]) -> None:
    right = checksum(raw)
    wrong = "".join(each.swapcase() if place in flipped else each for place, each in enumerate(right))
    if wrong[2:] in (right[2:], right[2:].lower(), right[2:].upper()):
        assert parse_address(wrong) == right
    else:
        with pytest.raises(InvalidAddress, match=right):
            parse_address(wrong)


@settings(deadline=None)
@given(st.text(max_size=50) | st.from_regex(r"0x[0-9a-fA-F]{38,42}\s?"))
def test_a_text_that_eth_utils_calls_no_address_is_refused(text: str) -> None:
    if not is_address(text):
        with pytest.raises(InvalidAddress):
            parse_address(text)


@pytest.mark.parametrize("text", ["", "0x", USDC[2:], USDC[:-1], USDC + "0", USDC + "\n", " " + USDC, "0x" + "g" * 40, "0x" + "１" * 40])  # fmt: skip
def test_what_is_not_twenty_bytes_of_hexadecimal_is_refused(text: str) -> None:
    with pytest.raises(InvalidAddress, match="not an address"):
        parse_address(text)


@pytest.mark.parametrize("length", [0, 19, 21, 32])
def test_other_lengths_are_no_address(length: int) -> None:
    with pytest.raises(InvalidAddress):
        checksum(bytes(length))


def test_the_zero_address_is_twenty_zero_bytes() -> None:
    assert checksum(bytes(20)) == ZERO_ADDRESS


@pytest.mark.parametrize(
    ("deployer", "salt", "init_code", "expected"),
    [  # the examples of EIP-1014
        ("00" * 20, "00" * 32, "00", "0x4D1A2e2bB4F88F0250f26Ffff098B0b30B26BF38"),
        ("deadbeef" + "00" * 16, "00" * 32, "00", "0xB928f69Bb1D91Cd65274e3c79d8986362984fDA3"),
        ("deadbeef" + "00" * 16, "00" * 12 + "feed" + "00" * 18, "00", "0xD04116cDd17beBE565EB2422F2497E06cC1C9833"),
        ("00" * 20, "00" * 32, "deadbeef", "0x70f2b2914A2a4b783FaEFb75f459A580616Fcb5e"),
        ("00000000000000000000000000000000deadbeef", "cafebabe".zfill(64), "deadbeef", "0x60f3f640a8508fC6a86d45DF051962668E1e8AC7"),
        ("00" * 20, "00" * 32, "", "0xE33C0C7F7df4809055C3ebA6c09CFe4BaF1BD9e0"),
    ],
)  # fmt: skip
def test_create2_gives_the_addresses_of_its_standard(
    deployer: str, salt: str, init_code: str, expected: str
) -> None:
    made = create2_address(
        checksum(bytes.fromhex(deployer)), bytes.fromhex(salt), keccak(bytes.fromhex(init_code))
    )
    assert made == expected


@pytest.mark.parametrize(("salt", "init_code_hash"), [(b"", bytes(32)), (bytes(32), b"\0")])
def test_create2_takes_words_only(salt: bytes, init_code_hash: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes each"):
        create2_address(ZERO_ADDRESS, salt, init_code_hash)


@pytest.mark.parametrize(
    ("nonce", "expected"),
    [  # computed with pyrlp
        (0, "0xcd234A471b72ba2F1Ccf0A70FCABA648a5eeCD8d"),
        (1, "0x343c43A37D37dfF08AE8C4A11544c718AbB4fCF8"),
        (0x7F, "0x06d9a77f5E4b311Bae8D559DB9CDB4dF94104aA0"),
        (0x80, "0x08e190dcB7b73F5fcDAbb43e102215c83659A76D"),
        (0x100, "0x3837C1Ae70354f670550C746580199Ac6a73Cb0a"),
        (2**64 - 2, "0x9ab3917BCc9efBCf7DE35BceD143Ed95c3B3CbF5"),
    ],
)
def test_create_hashes_sender_and_nonce_in_their_shortest_form(nonce: int, expected: str) -> None:
    assert create_address(parse_address("0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"), nonce) == expected


@pytest.mark.parametrize("nonce", [-1, 2**64 - 1])
def test_create_takes_only_nonces_an_account_can_have(nonce: int) -> None:
    with pytest.raises(ValueError, match="nonce"):
        create_address(Address(USDC), nonce)
