"""Uniswap v2 pairs: x · y = k with 0.3 % of the input as fee.

Source: `UniswapV2Library.getAmountOut` and `getAmountIn` (v2-periphery), `UniswapV2Pair.swap` (v2-core).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from plugins.trading.pools.fill import Fill
from plugins.trading.pools.refusals import AmountTooLarge, InsufficientLiquidity, ZeroAmount, ZeroOutput
from plugins.trading.pools.rounding import MAX_UINT112, MAX_UINT256

FEE: Final = Fraction(3, 1000)
"""The share of the input that stays with the liquidity providers."""

FEE_PIPS: Final = 3000
"""The same in hundredths of a basis point, as v3 counts fees."""

_KEPT, _SCALE = 997, 1000


def amount_out(amount_in: int, reserve_in: int, reserve_out: int) -> int:
    """What `amount_in` buys, rounded down; may be 0. Atomic units. Raises `SwapRefused`, as the router reverts."""
    if amount_in <= 0:
        raise ZeroAmount("the input is zero")
    if reserve_in <= 0 or reserve_out <= 0:
        raise InsufficientLiquidity("the pair holds nothing")
    in_after_fee = amount_in * _KEPT
    numerator = in_after_fee * reserve_out
    denominator = reserve_in * _SCALE + in_after_fee
    if max(numerator, denominator) > MAX_UINT256:
        raise AmountTooLarge("the input overflows 256 bits")
    return numerator // denominator


def amount_in(amount_out: int, reserve_in: int, reserve_out: int) -> int:
    """What `amount_out` costs, rounded up. Atomic units. Raises `SwapRefused`, as the router reverts."""
    if amount_out <= 0:
        raise ZeroAmount("the output is zero")
    if amount_out >= reserve_out or reserve_in <= 0:
        raise InsufficientLiquidity("the pair holds no more than the output")
    numerator = reserve_in * amount_out * _SCALE
    if numerator > MAX_UINT256:
        raise AmountTooLarge("the output overflows 256 bits")
    return numerator // ((reserve_out - amount_out) * _KEPT) + 1


@dataclass(frozen=True, slots=True)
class ConstantProductPool:
    """A pair's state: what it holds of `token0` and `token1`, in atomic units, as of its last sync."""

    reserve0: int
    reserve1: int

    def swap_exact_input(self, amount: int, *, zero_for_one: bool) -> Fill:
        """Sell exactly `amount`. Raises `SwapRefused` where the pair would revert."""
        reserve_in, reserve_out = self._reserves(zero_for_one)
        bought = amount_out(amount, reserve_in, reserve_out)
        if bought == 0:
            raise ZeroOutput("the input buys less than one atomic unit")
        return self._fill(amount, bought, reserve_in)

    def swap_exact_output(self, amount: int, *, zero_for_one: bool) -> Fill:
        """Buy exactly `amount`. Raises `SwapRefused` where the pair would revert."""
        reserve_in, reserve_out = self._reserves(zero_for_one)
        return self._fill(amount_in(amount, reserve_in, reserve_out), amount, reserve_in)

    def mid_price(self, *, zero_for_one: bool) -> Fraction:
        """Units of output for one unit of input, for an infinitely small swap without fee."""
        reserve_in, reserve_out = self._reserves(zero_for_one)
        if reserve_in <= 0 or reserve_out <= 0:
            raise InsufficientLiquidity("the pair holds nothing")
        return Fraction(reserve_out, reserve_in)

    def _reserves(self, zero_for_one: bool) -> tuple[int, int]:
        return (self.reserve0, self.reserve1) if zero_for_one else (self.reserve1, self.reserve0)

    @staticmethod
    def _fill(sold: int, bought: int, reserve_in: int) -> Fill:
        if reserve_in + sold > MAX_UINT112:
            raise AmountTooLarge("the pair keeps its reserves in 112 bits")
        return Fill(sold, bought, sold * FEE)
