"""Fractions as decimals."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from plugins.trading.rates import basis_points, rate, significant


@pytest.mark.parametrize(
    ("amount_out", "decimals_out", "amount_in", "decimals_in", "expected"),
    [
        (2_500 * 10**6, 6, 10**18, 18, "2500"),
        (10**18, 18, 2_500 * 10**6, 6, "0.0004"),
        (1, 0, 3, 0, "0.333333333333333333"),
        (2, 0, 3, 0, "0.666666666666666667"),
        (10**30, 0, 1, 0, "1" + "0" * 30),
        (1, 255, 1, 0, "0." + "0" * 254 + "1"),
    ],
)
def test_a_rate_is_of_whole_units_with_eighteen_digits_and_no_exponent(
    amount_out: int, decimals_out: int, amount_in: int, decimals_in: int, expected: str
) -> None:
    shown = significant(rate(amount_out, decimals_out, amount_in, decimals_in))
    assert format(shown, "f") == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (Fraction(3, 1000), "30"),
        (Fraction(1, 100_000), "0.1"),
        (Fraction(1, 3), "3333.3333"),
        (Fraction(0), "0"),
        (Fraction(1, 10**12), "0"),
    ],
)
def test_basis_points_have_four_decimals(share: Fraction, expected: str) -> None:
    assert format(basis_points(share), "f") == expected


def test_rounding_is_half_to_even() -> None:
    assert basis_points(Fraction(5, 10**9)) == Decimal(0)
    assert basis_points(Fraction(15, 10**9)) == Decimal("0.0002")
