"""Why a pool will not make a swap, as one tree.

    SwapRefused
    ├── ZeroAmount              nothing is offered or asked for
    ├── AmountTooLarge          the contract's integers overflow
    ├── InsufficientLiquidity   the pool does not hold enough to fill the swap
    ├── ZeroOutput              the input is too small to buy one atomic unit
    ├── PriceLimitReached       the price limit lies behind the pool's price, or outside the range of prices
    └── OutsideWindow           the swap leaves the ticks that were read; the pool may well make it

The contracts say the same by reverting, with three exceptions: a v3 pool sells for no output at all, and fills in part
when its liquidity ends, both of which are refused here; and no contract knows of a window.
"""

from __future__ import annotations

from colonnade.errors import ColonnadeError


class SwapRefused(ColonnadeError):
    """The pool cannot make this swap in this state."""

    code = "SWAP_REFUSED"


class ZeroAmount(SwapRefused):
    """The amount offered or asked for is zero."""


class AmountTooLarge(SwapRefused):
    """The amount overflows an integer that the contract computes with."""


class InsufficientLiquidity(SwapRefused):
    """The pool's liquidity ends before the swap is filled."""


class ZeroOutput(SwapRefused):
    """The input buys less than one atomic unit."""


class PriceLimitReached(SwapRefused):
    """The pool's price is already at or beyond the limit, or the limit is no price at all."""


class OutsideWindow(SwapRefused):
    """The swap would cross ticks that were not read, so its result is unknown."""
