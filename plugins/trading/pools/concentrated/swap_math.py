"""One step of a swap, within one range of constant liquidity. Source: `SwapMath.computeSwapStep` (v3-core)."""

from __future__ import annotations

from typing import Final, NamedTuple

from plugins.trading.pools.concentrated.sqrt_price_math import (
    amount0_between,
    amount1_between,
    sqrt_price_after_input,
    sqrt_price_after_output,
)
from plugins.trading.pools.rounding import divide_up

PIPS: Final = 10**6
"""A whole in the unit that fees are counted in: hundredths of a basis point."""


class Step(NamedTuple):
    """Where a step ends, and what it moved; `amount_in` is without `fee`. Atomic units."""

    sqrt_price: int
    amount_in: int
    amount_out: int
    fee: int


def step_exact_input(sqrt_price: int, target: int, liquidity: int, remaining: int, fee_pips: int) -> Step:
    """Spend up to `remaining`, fee included, on the way from `sqrt_price` to `target`."""
    zero_for_one = sqrt_price >= target
    after_fee = remaining * (PIPS - fee_pips) // PIPS
    to_target = _amount_in(sqrt_price, target, liquidity, zero_for_one)
    if after_fee >= to_target:
        reached, amount_in = target, to_target
    else:
        reached = sqrt_price_after_input(sqrt_price, liquidity, after_fee, zero_for_one=zero_for_one)
        amount_in = (
            to_target if reached == target else _amount_in(sqrt_price, reached, liquidity, zero_for_one)
        )
    amount_out = _amount_out(sqrt_price, reached, liquidity, zero_for_one)
    fee = _fee(amount_in, fee_pips) if reached == target else remaining - amount_in
    return Step(reached, amount_in, amount_out, fee)


def step_exact_output(sqrt_price: int, target: int, liquidity: int, remaining: int, fee_pips: int) -> Step:
    """Buy up to `remaining` on the way from `sqrt_price` to `target`."""
    zero_for_one = sqrt_price >= target
    at_target = _amount_out(sqrt_price, target, liquidity, zero_for_one)
    if remaining >= at_target:
        reached, amount_out = target, at_target
    else:
        reached = sqrt_price_after_output(sqrt_price, liquidity, remaining, zero_for_one=zero_for_one)
        amount_out = (
            at_target if reached == target else _amount_out(sqrt_price, reached, liquidity, zero_for_one)
        )
    amount_in = _amount_in(sqrt_price, reached, liquidity, zero_for_one)
    return Step(reached, amount_in, min(amount_out, remaining), _fee(amount_in, fee_pips))


def _amount_in(start: int, end: int, liquidity: int, zero_for_one: bool) -> int:
    if zero_for_one:
        return amount0_between(end, start, liquidity, round_up=True)
    return amount1_between(start, end, liquidity, round_up=True)


def _amount_out(start: int, end: int, liquidity: int, zero_for_one: bool) -> int:
    if zero_for_one:
        return amount1_between(end, start, liquidity, round_up=False)
    return amount0_between(start, end, liquidity, round_up=False)


def _fee(amount_in: int, fee_pips: int) -> int:
    return divide_up(amount_in * fee_pips, PIPS - fee_pips)
