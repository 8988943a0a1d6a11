"""The development accounts are those of every node, and sign as eth_account does."""

from __future__ import annotations

import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.development import DEVELOPMENT_ACCOUNTS, WalletFault, development_account
from colonnade.development.accounts import account_at
from colonnade.development.signing import sign_digest
from colonnade.evm import parse_address
from colonnade.evm.recovery import recover
from colonnade.evm.secp256k1 import ORDER
from tests.wallets.development_keys import development_key


@pytest.mark.parametrize("index", range(DEVELOPMENT_ACCOUNTS))
def test_accounts_are_those_of_the_mnemonic(index: int) -> None:
    account, theirs = development_account(index), Account.from_key(development_key(index))
    assert account.address == theirs.address
    assert account.key == int.from_bytes(theirs.key, "big")
    assert account_at(account.address) is account


@settings(max_examples=20, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.integers(1, ORDER - 1))
def test_signatures_equal_those_of_eth_account_to_the_bit(digest: bytes, key: int) -> None:
    made, theirs = sign_digest(digest, key), Account.unsafe_sign_hash(digest, key.to_bytes(32, "big"))
    assert (made.r, made.s, made.y_parity) == (theirs.r, theirs.s, theirs.v - 27)


def test_signature_as_a_wallet_gives_it_ends_with_27_or_28() -> None:
    account = development_account(3)
    signature = account.signature(b"\1" * 32)
    assert len(signature) == 65
    assert signature[64] in (27, 28)
    assert recover(b"\1" * 32, account.sign(b"\1" * 32)) == account.address


def test_what_is_no_digest_is_not_signed() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        development_account(0).sign(b"\1" * 31)


@pytest.mark.parametrize("index", [-1, DEVELOPMENT_ACCOUNTS])
def test_no_other_account_can_be_had(index: int) -> None:
    with pytest.raises(WalletFault, match="numbered 0 to 9"):
        development_account(index)
    with pytest.raises(WalletFault, match="no development account"):
        account_at(parse_address("0x00000000000000000000000000000000000000a1"))


def test_the_key_is_not_shown() -> None:
    account = development_account(0)
    assert str(account.key) not in repr(account)
    assert f"{account.key:x}" not in repr(account)
