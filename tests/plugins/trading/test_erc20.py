"""What tokens say of themselves, however they say it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.chains import BASE
from colonnade.errors import CallReverted
from colonnade.evm import encode
from plugins.trading.answers import Answer
from plugins.trading.erc20 import (
    MAX_NAME,
    MAX_SYMBOL,
    balance_from,
    metadata_calls,
    metadata_from,
    printable,
)
from tests.plugins.trading.scripted_market import TOKEN

SUPPLY = encode(("uint256",), (10**24,))
EIGHTEEN = encode(("uint8",), (18,))
REVERTED = CallReverted(b"")


def text(value: str | bytes) -> bytes:
    return encode(("bytes",), (value.encode() if isinstance(value, str) else value,))


def symbol_of(answer: Answer) -> str:
    token = metadata_from(BASE, TOKEN, [EIGHTEEN, SUPPLY, answer, text("Name")])
    assert token is not None
    return token.symbol


@pytest.mark.parametrize(
    ("answer", "symbol"),
    [
        (text("USDC"), "USDC"),
        (b"MKR".ljust(32, b"\0"), "MKR"),
        (b"\0" * 32, ""),
        (text(""), ""),
        (text("USD₮0"), "USD₮0"),
        (text("U\x00S\x1bD\x7fC"), "USDC"),
        (text("\u202eCDSU\u202c"), "CDSU"),
        (text("US\u200bDC\ufeff"), "USDC"),
        (text("  US\r\n\tDC  "), "US DC"),
        (text("A" * 10_000), "A" * MAX_SYMBOL),
        (text(b"\xff\xfeUSD"), "\ufffd\ufffdUSD"),
        (b"\xc3\x28".ljust(32, b"\0"), "\ufffd("),
        (text("e\u0301"), "é"),
        (REVERTED, ""),
        (b"", ""),
        (b"\x01", ""),
        ((32).to_bytes(32, "big") + (2**255).to_bytes(32, "big"), ""),
        ((2**256 - 1).to_bytes(32, "big") * 2, ""),
    ],
)
def test_a_symbol_is_read_in_every_form_and_cleaned(answer: Answer, symbol: str) -> None:
    assert symbol_of(answer) == symbol


@given(st.text(max_size=300), st.integers(1, 64))
def test_printable_text_hides_and_reorders_nothing(raw: str, limit: int) -> None:
    shown = printable(raw, limit)
    assert len(shown) <= limit
    assert shown == shown.strip()
    assert all(c == " " or not (c.isspace() or unicodedata.category(c).startswith("C")) for c in shown)


@given(st.binary(max_size=200))
def test_no_bytes_a_contract_can_return_break_the_reading(raw: bytes) -> None:
    for answer in (raw, text(raw), raw[:32].ljust(32, b"\0")):
        assert len(symbol_of(answer)) <= MAX_SYMBOL


def test_a_name_is_longer_than_a_symbol() -> None:
    token = metadata_from(BASE, TOKEN, [EIGHTEEN, SUPPLY, text("A" * 500), text("B" * 500)])
    assert token is not None
    assert (len(token.symbol), len(token.name)) == (MAX_SYMBOL, MAX_NAME)


@pytest.mark.parametrize("decimals", [0, 6, 18, 255])
def test_decimals_are_those_of_the_contract(decimals: int) -> None:
    token = metadata_from(BASE, TOKEN, [encode(("uint256",), (decimals,)), SUPPLY, text("T"), text("T")])
    assert token is not None
    assert token.decimals == decimals


@pytest.mark.parametrize(
    "decimals", [encode(("uint256",), (256,)), encode(("uint256",), (2**256 - 1,)), b"", b"\x12", REVERTED]
)
def test_what_has_no_decimals_or_too_many_is_no_token(decimals: Answer) -> None:
    assert metadata_from(BASE, TOKEN, [decimals, SUPPLY, text("T"), text("T")]) is None


@pytest.mark.parametrize("supply", [b"", REVERTED, b"\x01" * 31])
def test_what_has_no_supply_is_no_token(supply: Answer) -> None:
    assert metadata_from(BASE, TOKEN, [EIGHTEEN, supply, text("T"), text("T")]) is None


def test_the_calls_are_those_of_the_standard() -> None:
    selectors = [call.data.hex() for call in metadata_calls(TOKEN)]
    assert selectors == ["313ce567", "18160ddd", "95d89b41", "06fdde03"]


@pytest.mark.parametrize(
    ("answer", "balance"), [(encode(("uint256",), (7,)), 7), (b"", None), (b"\x07", None), (REVERTED, None)]
)
def test_a_balance_is_a_word_or_none(answer: Answer, balance: int | None) -> None:
    assert balance_from(answer) == balance
