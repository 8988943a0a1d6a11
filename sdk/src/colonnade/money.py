"""Money: what people quote and owe."""

from decimal import Decimal

import strawberry

from colonnade.scalars import CurrencyCode


def to_units(raw: int, decimals: int) -> Decimal:
    """`raw` atomic units as an exact decimal amount."""
    sign, digits = (1, str(-raw)) if raw < 0 else (0, str(raw))
    return Decimal((sign, tuple(map(int, digits)), -decimals))


@strawberry.type(description="An amount of a currency: prices, invoices, balances.")
class Money:
    amount: Decimal = strawberry.field(description="In whole units of the currency, as in 12.50.")
    currency: CurrencyCode = strawberry.field(description="The currency.")
