"""How far an amount moves a price, in both directions of the question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.trading.pools.concentrated.sqrt_price_math import (
    amount0_between,
    amount1_between,
    sqrt_price_after_input,
    sqrt_price_after_output,
)
from plugins.trading.pools.concentrated.tick_math import MAX_SQRT_RATIO, MIN_SQRT_RATIO
from plugins.trading.pools.refusals import AmountTooLarge, InsufficientLiquidity
from plugins.trading.pools.rounding import MAX_UINT128, MAX_UINT256, divide_up

prices = st.integers(MIN_SQRT_RATIO, MAX_SQRT_RATIO - 1)
liquidities = st.integers(1, MAX_UINT128)
amounts = st.integers(0, 2**200)


@given(prices, liquidities, amounts)
def test_an_input_of_token0_never_moves_the_price_further_than_it_pays_for(
    price: int, liquidity: int, amount: int
) -> None:
    after = sqrt_price_after_input(price, liquidity, amount, zero_for_one=True)
    assert after <= price
    assert amount0_between(after, price, liquidity, round_up=True) <= amount


@given(prices, liquidities, st.integers(0, 2**120))
def test_an_input_of_token1_never_moves_the_price_further_than_it_pays_for(
    price: int, liquidity: int, amount: int
) -> None:
    try:
        after = sqrt_price_after_input(price, liquidity, amount, zero_for_one=False)
    except AmountTooLarge:
        assert price + (amount << 96) // liquidity >= 2**160
        return
    assert after >= price
    assert amount1_between(price, after, liquidity, round_up=True) <= amount


@given(prices, liquidities, amounts, st.booleans())
def test_an_output_moves_the_price_at_least_as_far_as_it_takes(
    price: int, liquidity: int, amount: int, zero_for_one: bool
) -> None:
    try:
        after = sqrt_price_after_output(price, liquidity, amount, zero_for_one=zero_for_one)
    except InsufficientLiquidity:
        return
    if zero_for_one:
        assert amount1_between(after, price, liquidity, round_up=False) >= amount
    else:
        assert amount0_between(price, after, liquidity, round_up=False) >= amount


@given(prices, liquidities, st.integers(2**120, 2**250))
def test_where_256_bits_overflow_the_coarser_formula_stays_short_of_the_exact_price(
    price: int, liquidity: int, amount: int
) -> None:
    scaled = liquidity << 96
    exact = divide_up(scaled * price, scaled + amount * price)
    after = sqrt_price_after_input(price, liquidity, amount, zero_for_one=True)
    assert after >= exact
    if scaled + amount * price <= MAX_UINT256:
        assert after == exact


def test_the_coarser_formula_rounds_as_the_contract_does() -> None:
    # 2^223 / (2^223 / 2^150 + 2^110) rounded up; the product 2^260 has no place in 256 bits.
    after = sqrt_price_after_input(2**150, 2**127, 2**110, zero_for_one=True)
    assert after == divide_up(2**223, 2**73 + 2**110)


@pytest.mark.parametrize("zero_for_one", [True, False])
def test_an_output_of_all_there_is_is_refused(zero_for_one: bool) -> None:
    with pytest.raises(InsufficientLiquidity):
        sqrt_price_after_output(2**96, 1000, 1000, zero_for_one=zero_for_one)
