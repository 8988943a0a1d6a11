"""Scalars that are not written as Python writes them."""

from decimal import Decimal


def without_exponent(value: Decimal) -> str:
    """The decimal as the schema takes it: 1E+2 is 100."""
    return f"{value:f}"
