"""Signed transactions are those of eth_account, bit for bit."""

from __future__ import annotations

import hashlib
from importlib import import_module
from typing import Any, cast

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.evm import Address, checksum, keccak
from colonnade.evm.recovery import (
    EcdsaSignature,
    InvalidSignature,
    address_of,
    recover,
)
from colonnade.evm.rlp import rlp_encode
from colonnade.evm.secp256k1 import FIELD, ORDER
from colonnade.evm.transactions import FeeTransaction

KEYS = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big"))
WEI = st.integers(0, 2**96)
TRANSACTIONS = st.builds(
    FeeTransaction,
    chain_id=st.integers(1, 2**32),
    nonce=st.integers(0, 2**63),
    to=st.binary(min_size=20, max_size=20).map(checksum),
    data=st.binary(max_size=300),
    value=WEI,
    gas=st.integers(21_000, 2**40),
    max_fee=WEI,
    max_tip=WEI,
)

RLP = import_module("rlp")
"""What eth_account encodes with; it has no types."""


def signature_of(digest: bytes, key: bytes) -> EcdsaSignature:
    signed = Account.unsafe_sign_hash(digest, key)
    return EcdsaSignature(signed.r, signed.s, signed.v - 27)


@settings(max_examples=60, deadline=None)
@given(TRANSACTIONS, KEYS)
def test_a_signed_transaction_is_the_one_eth_account_makes(transaction: FeeTransaction, key: bytes) -> None:
    expected = Account.sign_transaction(
        {
            "type": 2,
            "chainId": transaction.chain_id,
            "nonce": transaction.nonce,
            "to": transaction.to,
            "data": transaction.data,
            "value": transaction.value,
            "gas": transaction.gas,
            "maxFeePerGas": transaction.max_fee,
            "maxPriorityFeePerGas": transaction.max_tip,
        },
        key,
    )
    raw = transaction.signed(signature_of(transaction.digest, key))
    assert raw == bytes(expected.raw_transaction)
    assert keccak(raw) == bytes(expected.hash)


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=40), KEYS)
def test_the_signer_is_recovered_also_from_the_other_s(text: bytes, key: bytes) -> None:
    digest = hashlib.sha256(text).digest()
    signature = signature_of(digest, key)
    signer = cast(Address, Account.from_key(key).address)
    high = EcdsaSignature(signature.r, ORDER - signature.s, signature.y_parity ^ 1)
    assert recover(digest, signature) == recover(digest, high) == signer
    assert high.low() == signature.low() == signature
    other = EcdsaSignature(signature.r, signature.s, signature.y_parity ^ 1)
    assert recover(digest, other) != signer


@pytest.mark.parametrize(
    "signature",
    [(0, 1, 0), (1, 0, 0), (ORDER, 1, 0), (1, ORDER, 0), (1, 1, 2), (5, 1, 0)],
    ids=["no r", "no s", "r too large", "s too large", "a third parity", "not on the curve"],
)
def test_a_signature_that_nobody_can_have_made_is_refused(signature: tuple[int, int, int]) -> None:
    with pytest.raises(InvalidSignature):
        recover(b"\x01" * 32, EcdsaSignature(*signature))


@pytest.mark.parametrize("point", [(1, 1), (FIELD, 0), (-1, 2)])
def test_a_point_off_the_curve_is_no_key(point: tuple[int, int]) -> None:
    with pytest.raises(InvalidSignature):
        address_of(*point)


@given(st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=4), max_leaves=20))
def test_rlp_is_the_one_of_the_rlp_package(value: Any) -> None:
    assert rlp_encode(value) == RLP.encode(value)


def test_rlp_spells_numbers_without_leading_zeros_and_long_texts_with_their_length() -> None:
    assert rlp_encode(0) == b"\x80"
    assert rlp_encode(0x0400) == b"\x82\x04\x00"
    assert rlp_encode(b"a" * 1024)[:3] == b"\xb9\x04\x00"
    with pytest.raises(ValueError, match="negative"):
        rlp_encode(-1)
