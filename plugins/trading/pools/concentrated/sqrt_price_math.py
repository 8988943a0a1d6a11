"""How far an amount moves a sqrt price, and what amount a move takes. Source: `SqrtPriceMath` (v3-core)."""

from __future__ import annotations

from plugins.trading.pools.refusals import AmountTooLarge, InsufficientLiquidity
from plugins.trading.pools.rounding import MAX_UINT160, MAX_UINT256, divide_up


def amount0_between(lower: int, upper: int, liquidity: int, *, round_up: bool) -> int:
    """Atomic units of token0 that `liquidity` holds between two sqrt prices (X96), `lower` ≤ `upper`."""
    numerator = (liquidity << 96) * (upper - lower)
    if round_up:
        return divide_up(divide_up(numerator, upper), lower)
    return numerator // upper // lower


def amount1_between(lower: int, upper: int, liquidity: int, *, round_up: bool) -> int:
    """Atomic units of token1 that `liquidity` holds between two sqrt prices (X96), `lower` ≤ `upper`."""
    product = liquidity * (upper - lower)
    return (product + ((1 << 96) - 1) if round_up else product) >> 96


def sqrt_price_after_input(sqrt_price: int, liquidity: int, amount: int, *, zero_for_one: bool) -> int:
    """The sqrt price (X96) after the pool takes `amount`, rounded so that the target is never passed."""
    if zero_for_one:
        return _after_adding0(sqrt_price, liquidity, amount)
    after = sqrt_price + (amount << 96) // liquidity
    if after > MAX_UINT160:
        raise AmountTooLarge("the input moves the price beyond 160 bits")
    return after


def sqrt_price_after_output(sqrt_price: int, liquidity: int, amount: int, *, zero_for_one: bool) -> int:
    """The sqrt price (X96) after the pool pays `amount`, rounded so that the target is passed.

    Raises `InsufficientLiquidity` where the contract finds the liquidity too small, or its product too large.
    """
    if zero_for_one:
        move = divide_up(amount << 96, liquidity)
        if sqrt_price <= move:
            raise InsufficientLiquidity("the output takes more than the liquidity holds")
        return sqrt_price - move
    if amount == 0:
        return sqrt_price
    scaled, product = liquidity << 96, amount * sqrt_price
    if product > MAX_UINT256 or scaled <= product:
        raise InsufficientLiquidity("the output takes more than the liquidity holds")
    after = divide_up(scaled * sqrt_price, scaled - product)
    if after > MAX_UINT160:
        raise InsufficientLiquidity("the output moves the price beyond 160 bits")
    return after


def _after_adding0(sqrt_price: int, liquidity: int, amount: int) -> int:
    if amount == 0:
        return sqrt_price
    scaled, product = liquidity << 96, amount * sqrt_price
    # The contract falls back to a coarser formula where its 256 bits overflow; its rounding is part of the result.
    if product <= MAX_UINT256 and scaled + product <= MAX_UINT256:
        return divide_up(scaled * sqrt_price, scaled + product)
    return divide_up(scaled, scaled // sqrt_price + amount)
