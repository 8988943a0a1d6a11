"""Scalars take their form and nothing else, and give back what they took."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade import wire_forms
from colonnade.scalars import SCALARS

PARSERS = {scalar.name: scalar.definition.parse_value for scalar in SCALARS}
SERIALIZERS = {scalar.name: scalar.definition.serialize for scalar in SCALARS}


def parser(name: str) -> Callable[[object], object]:
    found = PARSERS[name]
    assert found is not None
    return found


@given(st.integers(min_value=-(10**99) + 1, max_value=10**99))
def test_big_int_returns_unchanged(value: int) -> None:
    assert wire_forms.parse_big_int(str(value)) == value


@given(st.decimals(allow_nan=False, allow_infinity=False, places=18, min_value=-(10**30), max_value=10**30))
def test_decimal_returns_unchanged_and_without_exponent(value: Decimal) -> None:
    text = wire_forms.format_decimal(value)
    assert "e" not in text.lower()
    assert wire_forms.parse_decimal(text.removeprefix("-") if Decimal(text) == 0 else text) == value


@given(st.binary(max_size=200))
def test_hex_returns_unchanged(value: bytes) -> None:
    assert wire_forms.parse_hex("0x" + value.hex()) == value


@given(
    st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29)),
    st.integers(min_value=-14 * 60, max_value=14 * 60),
)
def test_date_time_returns_unchanged_whatever_its_offset(moment: datetime, offset: int) -> None:
    there = moment.replace(tzinfo=timezone(timedelta(minutes=offset)))
    text = there.isoformat()
    assert wire_forms.parse_date_time(text) == there
    assert wire_forms.format_date_time(there).endswith("Z")
    assert wire_forms.parse_date_time(wire_forms.format_date_time(there)) == there


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=999_999_999)))
def test_duration_returns_unchanged(value: timedelta) -> None:
    assert wire_forms.parse_duration(wire_forms.format_duration(value)) == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(minutes=5), "PT5M"),
        (timedelta(days=1, hours=12), "P1DT12H"),
        (timedelta(), "PT0S"),
        (timedelta(seconds=1, microseconds=500_000), "PT1.5S"),
        (timedelta(days=2), "P2D"),
    ],
)
def test_duration_is_written_in_its_shortest_form(value: timedelta, text: str) -> None:
    assert wire_forms.format_duration(value) == text


REFUSED: dict[str, list[object]] = {
    "BigInt": [
        1,
        1.0,
        True,
        None,
        "",
        " 1",
        "1 ",
        "+1",
        "-0",
        "01",
        "1_000",
        "0x10",
        "1e3",
        "١",
        "1.0",
        "9" * 101,
    ],
    "Decimal": [
        1,
        0.5,
        "",
        "1.",
        ".5",
        "1e3",
        "NaN",
        "Infinity",
        "-",
        "01.5",
        "1,5",
        "1_0.5",
        "0." + "1" * 100,
    ],
    "Address": [
        1,
        "",
        "0x",
        "833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
        "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA0291",
        "0x833589fcD6eDb6E08f4c7C32D4f71b54bdA02913",
        "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA0291g",
    ],
    "Hex": [1, "", "00", "0x0", "0X00", "0xgg", "0x" + "00" * (128 * 1024 + 1)],
    "Bytes32": ["0x", "0x00", "0x" + "00" * 31, "0x" + "00" * 33],
    "TxHash": ["0x", "0x" + "00" * 31],
    "ChainId": ["8453", 0, -1, True, 2**31, 1.5, None],
    "CurrencyCode": ["", "U", "US D", "$", 840, "ABCDEFGHIJKLM", "ÜSD"],
    "DateTime": [
        0,
        "",
        "2026-11-22",
        "2026-11-22T10:00:00",
        "2026-13-22T10:00:00Z",
        "2026-11-22 10:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "2026-11-22T10:00:00+99:99",
    ],
    "Duration": [
        5,
        "",
        "P",
        "PT",
        "P1Y",
        "P1M",
        "PT1H30",
        "P1DT",
        "-PT5M",
        "PT999999999999S",
        "P999999999DT999999999H",
    ],
    "URL": [
        1,
        "",
        "/path",
        "ftp://example.org",
        "javascript:alert(1)",
        "https://",
        "https://user:word@example.org",
        "https://example.org/a b",
        "https://example.org:0/",
        "https://example.org:99999/",
        "https://exämple.org",
        "https://example.org/" + "a" * 2_048,
        "http://[::1",
    ],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in REFUSED.items() for value in values]
)
def test_anything_else_is_refused(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parser(name)(value)


@given(
    st.one_of(
        st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.binary(), st.lists(st.text())
    )
)
@pytest.mark.parametrize("name", [name for name in PARSERS if name != "JSON"])
def test_parsers_raise_nothing_but_value_errors(name: str, value: object) -> None:
    try:
        parsed = parser(name)(value)
    except ValueError:
        return
    serialize = SERIALIZERS[name]
    assert serialize is not None
    assert parser(name)(serialize(parsed)) == parsed


def test_address_is_taken_in_any_case_and_given_back_in_eip_55() -> None:
    usdc = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
    assert {parser("Address")(text) for text in (usdc, usdc.lower(), "0x" + usdc[2:].upper())} == {usdc}


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal(-math.inf)])
def test_number_that_is_none_never_leaves(value: Decimal) -> None:
    with pytest.raises(ValueError, match="finite"):
        wire_forms.format_decimal(value)


def test_time_without_a_zone_never_leaves() -> None:
    with pytest.raises(ValueError, match="time zone"):
        wire_forms.format_date_time(datetime(2026, 11, 22))


def test_utc_times_end_in_z() -> None:
    assert wire_forms.format_date_time(datetime(2026, 11, 22, 10, tzinfo=UTC)) == "2026-11-22T10:00:00Z"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BigInt", 1e18),
        ("BigInt", True),
        ("BigInt", "1"),
        ("BigInt", None),
        ("Decimal", 0.1),
        ("Decimal", True),
        ("Decimal", "0.1"),
        ("ChainId", 8453.9),
        ("ChainId", "8453"),
    ],
)
def test_amount_that_is_no_exact_number_never_leaves(name: str, value: object) -> None:
    serialize = SERIALIZERS[name]
    assert serialize is not None
    with pytest.raises(ValueError, match=r"on the wire is|expected a chain id"):
        serialize(value)
