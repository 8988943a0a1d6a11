"""A v3 pool's state, and the swaps it makes. Source: `UniswapV3Pool.swap` and `TickBitmap` (v3-core)."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

from plugins.trading.pools.concentrated.swap_math import step_exact_input, step_exact_output
from plugins.trading.pools.concentrated.tick_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    sqrt_ratio_at_tick,
    tick_at_sqrt_ratio,
)
from plugins.trading.pools.fill import Fill
from plugins.trading.pools.refusals import (
    AmountTooLarge,
    InsufficientLiquidity,
    OutsideWindow,
    PriceLimitReached,
    ZeroAmount,
    ZeroOutput,
)

TICKS_IN_WORD: Final = 256
"""Ticks (in units of the spacing) that one word of the bitmap holds; a swap rounds once more at each word's end."""

_MAX_INT256: Final = 2**255 - 1


class Swapped(NamedTuple):
    """Where a swap leaves the pool. `amount_in` includes `fee`; `unfilled` is what is left of the amount given.

    `ticks_crossed`: initialised ones; `words_crossed`: ends of words of the bitmap, each one more step.
    """

    amount_in: int
    amount_out: int
    fee: int
    unfilled: int
    sqrt_price_x96: int
    tick: int
    liquidity: int
    ticks_crossed: int
    words_crossed: int


@dataclass(frozen=True, slots=True)
class ConcentratedPool:
    """A pool's state as of one block, as far as it was read.

    `ticks`: the initialised ticks within the words `first_word` to `last_word` of the bitmap, ascending;
    `liquidity_net`: what the liquidity gains at each when it is crossed upwards. `fee_pips`: hundredths of a basis
    point.
    """

    sqrt_price_x96: int
    tick: int
    liquidity: int
    fee_pips: int
    tick_spacing: int
    ticks: tuple[int, ...]
    liquidity_net: tuple[int, ...]
    first_word: int
    last_word: int

    def swap_exact_input(self, amount: int, *, zero_for_one: bool) -> Fill:
        """Sell exactly `amount`. Raises `SwapRefused`, also where the pool would fill it in part only."""
        return self._fill(self.swap(amount, zero_for_one=zero_for_one))

    def swap_exact_output(self, amount: int, *, zero_for_one: bool) -> Fill:
        """Buy exactly `amount`. Raises `SwapRefused`, also where the pool would fill it in part only."""
        return self._fill(self.swap(amount, zero_for_one=zero_for_one, exact_output=True))

    def mid_price(self, *, zero_for_one: bool) -> Fraction:
        """Units of output for one unit of input, for an infinitely small swap without fee."""
        square = self.sqrt_price_x96**2
        return Fraction(square, 1 << 192) if zero_for_one else Fraction(1 << 192, square)

    def swap(
        self,
        amount: int,
        *,
        zero_for_one: bool,
        exact_output: bool = False,
        sqrt_price_limit: int | None = None,
    ) -> Swapped:
        """What the pool does with `amount`, which it may fill in part when it reaches the price limit.

        `sqrt_price_limit` (X96): the last price the swap may reach; by default the end of the range.
        """
        limit = self._check(amount, zero_for_one, sqrt_price_limit)
        step = step_exact_output if exact_output else step_exact_input
        sqrt_price, tick, liquidity = self.sqrt_price_x96, self.tick, self.liquidity
        remaining, amount_in, amount_out, fee, ticks, words = amount, 0, 0, 0, 0, 0
        while remaining and sqrt_price != limit:
            next_tick, position = self._next_tick(tick, zero_for_one)
            next_price = sqrt_ratio_at_tick(next_tick)
            target = max(next_price, limit) if zero_for_one else min(next_price, limit)
            start = sqrt_price
            sqrt_price, step_in, step_out, step_fee = step(start, target, liquidity, remaining, self.fee_pips)
            remaining -= step_out if exact_output else step_in + step_fee
            amount_in, amount_out, fee = amount_in + step_in + step_fee, amount_out + step_out, fee + step_fee
            if sqrt_price == next_price:
                if position is None:
                    words += 1
                else:
                    net = self.liquidity_net[position]
                    liquidity += -net if zero_for_one else net
                    ticks += 1
                tick = next_tick - 1 if zero_for_one else next_tick
            elif sqrt_price != start:
                tick = tick_at_sqrt_ratio(sqrt_price)
        return Swapped(amount_in, amount_out, fee, remaining, sqrt_price, tick, liquidity, ticks, words)

    def _check(self, amount: int, zero_for_one: bool, limit: int | None) -> int:
        if amount <= 0:
            raise ZeroAmount("the amount is zero")
        if amount > _MAX_INT256:
            raise AmountTooLarge("the pool counts amounts in 255 bits")
        if limit is None:
            limit = MIN_SQRT_RATIO + 1 if zero_for_one else MAX_SQRT_RATIO - 1
        ahead = (
            MIN_SQRT_RATIO < limit < self.sqrt_price_x96
            if zero_for_one
            else self.sqrt_price_x96 < limit < MAX_SQRT_RATIO
        )
        if not ahead:
            raise PriceLimitReached("the pool's price is already at the limit")
        return limit

    def _next_tick(self, tick: int, zero_for_one: bool) -> tuple[int, int | None]:
        """Where the next step ends at the latest, and its place in `ticks` if it is initialised."""
        spacing = self.tick_spacing
        compressed = tick // spacing + (0 if zero_for_one else 1)
        word = compressed // TICKS_IN_WORD
        if not self.first_word <= word <= self.last_word:
            raise OutsideWindow(f"the swap reaches word {word} of the tick bitmap, which was not read")
        if zero_for_one:
            end = word * TICKS_IN_WORD * spacing
            position = bisect_right(self.ticks, tick) - 1
            if position >= 0 and self.ticks[position] >= end:
                return self.ticks[position], position
        else:
            end = (word * TICKS_IN_WORD + TICKS_IN_WORD - 1) * spacing
            position = bisect_right(self.ticks, tick)
            if position < len(self.ticks) and self.ticks[position] <= end:
                return self.ticks[position], position
        return max(MIN_TICK, min(MAX_TICK, end)), None

    @staticmethod
    def _fill(swapped: Swapped) -> Fill:
        if swapped.unfilled:
            raise InsufficientLiquidity("the pool's liquidity ends before the swap is filled")
        if swapped.amount_out == 0:
            raise ZeroOutput("the input buys less than one atomic unit")
        return Fill(
            swapped.amount_in,
            swapped.amount_out,
            Fraction(swapped.fee),
            swapped.ticks_crossed,
            swapped.words_crossed,
        )
