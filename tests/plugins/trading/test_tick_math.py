"""Ticks and sqrt prices: each the inverse of the other, over the whole range."""

from __future__ import annotations

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.trading.pools.concentrated import tick_math
from plugins.trading.pools.concentrated.tick_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    MIN_TICK,
    sqrt_ratio_at_tick,
    tick_at_sqrt_ratio,
)
from plugins.trading.pools.refusals import PriceLimitReached


def test_every_constant_is_a_power_of_the_tick_base_rounded_to_128_bits() -> None:
    with localcontext() as context:
        context.prec = 90
        base = Decimal(10001) / 10000
        for i, constant in enumerate(tick_math._POWERS):
            exact = Decimal(2**128) / base ** (Decimal(2**i) / 2)
            assert constant == int(exact.to_integral_value())


@given(st.integers(MIN_TICK, MAX_TICK - 1))
def test_a_tick_is_recovered_from_its_own_sqrt_price(tick: int) -> None:
    assert tick_at_sqrt_ratio(sqrt_ratio_at_tick(tick)) == tick


@given(st.integers(MIN_TICK + 1, MAX_TICK - 1))
def test_one_unit_below_a_ticks_sqrt_price_lies_the_tick_before(tick: int) -> None:
    assert tick_at_sqrt_ratio(sqrt_ratio_at_tick(tick) - 1) == tick - 1


@given(st.integers(MIN_SQRT_RATIO, MAX_SQRT_RATIO - 1))
def test_a_sqrt_price_lies_between_its_tick_and_the_next(sqrt_price: int) -> None:
    tick = tick_at_sqrt_ratio(sqrt_price)
    assert sqrt_ratio_at_tick(tick) <= sqrt_price < sqrt_ratio_at_tick(tick + 1)


@given(st.integers(MIN_TICK, MAX_TICK - 1))
def test_a_higher_tick_has_a_higher_sqrt_price(tick: int) -> None:
    assert sqrt_ratio_at_tick(tick) < sqrt_ratio_at_tick(tick + 1)


def test_the_range_ends_where_the_contract_says() -> None:
    assert sqrt_ratio_at_tick(MIN_TICK) == MIN_SQRT_RATIO
    assert sqrt_ratio_at_tick(MAX_TICK) == MAX_SQRT_RATIO
    assert sqrt_ratio_at_tick(0) == 2**96
    assert tick_at_sqrt_ratio(MAX_SQRT_RATIO - 1) == MAX_TICK - 1


@pytest.mark.parametrize("tick", [MIN_TICK - 1, MAX_TICK + 1])
def test_a_tick_outside_the_range_is_refused(tick: int) -> None:
    with pytest.raises(PriceLimitReached):
        sqrt_ratio_at_tick(tick)


@pytest.mark.parametrize("sqrt_price", [0, MIN_SQRT_RATIO - 1, MAX_SQRT_RATIO])
def test_a_sqrt_price_outside_the_range_is_refused(sqrt_price: int) -> None:
    with pytest.raises(PriceLimitReached):
        tick_at_sqrt_ratio(sqrt_price)
