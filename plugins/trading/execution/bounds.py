"""How much worse than its price a swap may turn out, as integers in calldata. Pure.

Both bounds round in the user's favour: neither ever lets more go than the tolerance says.
"""

from __future__ import annotations

from typing import Final

BPS: Final = 10_000
MAX_SLIPPAGE_BPS: Final = 5_000
AUTOMATIC_SLIPPAGE_BPS: Final = 50
MAX_PRICE_IMPACT_BPS: Final = 1_500
"""The hard stop unless a client names another: 15 %."""


def minimum_out(amount_out: int, slippage_bps: int) -> int:
    """The least that may come out instead of `amount_out`, atomic units."""
    return -(-amount_out * (BPS - slippage_bps) // BPS)


def maximum_in(amount_in: int, slippage_bps: int) -> int:
    """The most that may be taken instead of `amount_in`, atomic units."""
    return amount_in * (BPS + slippage_bps) // BPS
