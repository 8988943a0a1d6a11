"""Uniswap v2 arithmetic: what holds for every pair and every amount."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plugins.trading.pools.constant_product import ConstantProductPool, amount_in, amount_out
from plugins.trading.pools.refusals import (
    AmountTooLarge,
    InsufficientLiquidity,
    SwapRefused,
    ZeroAmount,
    ZeroOutput,
)
from plugins.trading.pools.rounding import MAX_UINT112

reserves = st.integers(1, MAX_UINT112)
amounts = st.integers(1, 2**120)


@given(amounts, reserves, reserves)
def test_the_product_of_the_reserves_never_shrinks(amount: int, reserve_in: int, reserve_out: int) -> None:
    bought = amount_out(amount, reserve_in, reserve_out)
    assert (reserve_in + amount) * (reserve_out - bought) >= reserve_in * reserve_out


@given(amounts, amounts, reserves, reserves)
def test_selling_more_never_buys_less(one: int, other: int, reserve_in: int, reserve_out: int) -> None:
    less, more = sorted((one, other))
    assert amount_out(less, reserve_in, reserve_out) <= amount_out(more, reserve_in, reserve_out)


@given(st.data(), reserves, reserves)
def test_the_cost_of_an_output_buys_at_least_that_output(
    data: st.DataObject, reserve_in: int, reserve_out: int
) -> None:
    assume(reserve_out > 1)
    wanted = data.draw(st.integers(1, reserve_out - 1))
    assert amount_out(amount_in(wanted, reserve_in, reserve_out), reserve_in, reserve_out) >= wanted


@given(amounts, reserves, reserves)
def test_an_output_never_costs_more_than_one_unit_above_what_bought_it(
    amount: int, reserve_in: int, reserve_out: int
) -> None:
    bought = amount_out(amount, reserve_in, reserve_out)
    assume(bought > 0)
    assert amount_in(bought, reserve_in, reserve_out) <= amount + 1


@given(st.integers(1, 10**30), st.integers(1, 10**30), st.integers(1, 10**30), st.booleans())
def test_a_pool_sells_below_its_mid_price(
    reserve0: int, reserve1: int, amount: int, zero_for_one: bool
) -> None:
    pool = ConstantProductPool(reserve0, reserve1)
    try:
        fill = pool.swap_exact_input(amount, zero_for_one=zero_for_one)
    except ZeroOutput:
        assume(False)
    assert Fraction(fill.amount_out) < (fill.amount_in - fill.fee) * pool.mid_price(zero_for_one=zero_for_one)


def test_the_fee_is_three_thousandths_of_the_input() -> None:
    fill = ConstantProductPool(10**21, 2 * 10**12).swap_exact_input(10**18, zero_for_one=True)
    assert fill.amount_out == 1_992_013_962
    assert fill.fee == 3 * 10**15


@pytest.mark.parametrize(
    ("pool", "amount", "refusal"),
    [
        (ConstantProductPool(1000, 1000), 0, ZeroAmount),
        (ConstantProductPool(1000, 1000), -1, ZeroAmount),
        (ConstantProductPool(0, 0), 1, InsufficientLiquidity),
        (ConstantProductPool(1000, 0), 1, InsufficientLiquidity),
        (ConstantProductPool(10**6, 1000), 1000, ZeroOutput),
        (ConstantProductPool(1000, 1000), MAX_UINT112, AmountTooLarge),
        (ConstantProductPool(1000, 1000), 2**250, AmountTooLarge),
    ],
)
def test_an_input_that_the_pair_would_revert_is_refused(
    pool: ConstantProductPool, amount: int, refusal: type[SwapRefused]
) -> None:
    with pytest.raises(refusal):
        pool.swap_exact_input(amount, zero_for_one=True)


@pytest.mark.parametrize(
    ("pool", "amount", "refusal"),
    [
        (ConstantProductPool(1000, 1000), 0, ZeroAmount),
        (ConstantProductPool(1000, 1000), 1000, InsufficientLiquidity),
        (ConstantProductPool(1000, 1000), 2**200, InsufficientLiquidity),
        (ConstantProductPool(0, 1000), 10, InsufficientLiquidity),
        (ConstantProductPool(MAX_UINT112 - 5, 1000), 999, AmountTooLarge),
    ],
)
def test_an_output_that_the_pair_would_revert_is_refused(
    pool: ConstantProductPool, amount: int, refusal: type[SwapRefused]
) -> None:
    with pytest.raises(refusal):
        pool.swap_exact_output(amount, zero_for_one=True)


def test_an_output_whose_cost_overflows_the_router_is_refused() -> None:
    with pytest.raises(AmountTooLarge):
        amount_in(2**200, 2**100, 2**201)
