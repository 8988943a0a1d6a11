"""Exact fractions as the decimals that the API shows."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Final

SIGNIFICANT: Final = 18
"""Digits that a price is shown with; what an amount is worth follows from the amounts, never from this."""

_BPS: Final = 10_000


def rate(amount_out: int | Fraction, decimals_out: int, amount_in: int, decimals_in: int) -> Fraction:
    """Whole units out for one whole unit in, of amounts in atomic units."""
    return Fraction(amount_out) * Fraction(10**decimals_in, amount_in * 10**decimals_out)


def significant(value: Fraction) -> Decimal:
    """`value` rounded to 18 significant digits, half to even."""
    context = Context(prec=SIGNIFICANT, rounding=ROUND_HALF_EVEN)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator)).normalize(context)


def basis_points(share: Fraction) -> Decimal:
    """`share` of one in hundredths of a per cent, rounded to four decimals, half to even."""
    return Decimal(round(share * _BPS * 10_000)).scaleb(-4).normalize()
