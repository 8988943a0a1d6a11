"""Uniswap v3 arithmetic: what holds for every pool and every amount."""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from plugins.trading.pools.concentrated.pool import ConcentratedPool, Swapped
from plugins.trading.pools.concentrated.tick_math import (
    MAX_SQRT_RATIO,
    MAX_TICK,
    MIN_SQRT_RATIO,
    sqrt_ratio_at_tick,
)
from plugins.trading.pools.refusals import (
    AmountTooLarge,
    InsufficientLiquidity,
    OutsideWindow,
    PriceLimitReached,
    SwapRefused,
    ZeroAmount,
    ZeroOutput,
)

SPACINGS = {100: 1, 500: 10, 3000: 60, 10000: 200}


def pool_of(
    positions: Sequence[tuple[int, int, int]],
    *,
    tick: int = 0,
    fee: int = 3000,
    words: tuple[int, int] | None = None,
) -> ConcentratedPool:
    """A pool at `tick` that holds positions of (lower tick, upper tick, liquidity)."""
    spacing = SPACINGS[fee]
    net: dict[int, int] = {}
    for lower, upper, liquidity in positions:
        net[lower] = net.get(lower, 0) + liquidity
        net[upper] = net.get(upper, 0) - liquidity
    ticks = tuple(sorted(t for t in net if net[t]))
    edge = MAX_TICK // spacing // 256
    first, last = words or (-edge - 1, edge)
    return ConcentratedPool(
        sqrt_price_x96=sqrt_ratio_at_tick(tick),
        tick=tick,
        liquidity=sum(liquidity for lower, upper, liquidity in positions if lower <= tick < upper),
        fee_pips=fee,
        tick_spacing=spacing,
        ticks=ticks,
        liquidity_net=tuple(net[t] for t in ticks),
        first_word=first,
        last_word=last,
    )


@st.composite
def pools(draw: st.DrawFn) -> ConcentratedPool:
    fee = draw(st.sampled_from(sorted(SPACINGS)))
    spacing = SPACINGS[fee]
    centre = draw(st.integers(-100_000, 100_000))
    positions = []
    for _ in range(draw(st.integers(1, 5))):
        lower = (centre // spacing + draw(st.integers(-400, 300))) * spacing
        upper = lower + draw(st.integers(1, 400)) * spacing
        positions.append((lower, upper, draw(st.integers(1, 10**26))))
    edge = MAX_TICK // spacing * spacing
    positions.append((-edge, edge, draw(st.integers(10**6, 10**24))))
    return pool_of(positions, tick=centre, fee=fee)


directions = st.booleans()
amounts = st.integers(1, 10**27)


def swapped(
    pool: ConcentratedPool, amount: int, zero_for_one: bool, *, exact_output: bool = False
) -> Swapped:
    try:
        return pool.swap(amount, zero_for_one=zero_for_one, exact_output=exact_output)
    except SwapRefused:
        assume(False)
        raise


def after(pool: ConcentratedPool, result: Swapped) -> ConcentratedPool:
    return ConcentratedPool(
        result.sqrt_price_x96,
        result.tick,
        result.liquidity,
        pool.fee_pips,
        pool.tick_spacing,
        pool.ticks,
        pool.liquidity_net,
        pool.first_word,
        pool.last_word,
    )


@given(pools(), amounts, directions)
def test_a_swap_sells_below_the_mid_price(pool: ConcentratedPool, amount: int, zero_for_one: bool) -> None:
    result = swapped(pool, amount, zero_for_one)
    before_fee = result.amount_in - result.fee
    assert Fraction(result.amount_out) <= before_fee * pool.mid_price(zero_for_one=zero_for_one)


@given(pools(), amounts, amounts, directions)
def test_selling_more_never_buys_less(
    pool: ConcentratedPool, one: int, other: int, zero_for_one: bool
) -> None:
    less, more = sorted((one, other))
    assert swapped(pool, less, zero_for_one).amount_out <= swapped(pool, more, zero_for_one).amount_out


@given(pools(), amounts, amounts, directions)
def test_buying_more_never_costs_less(
    pool: ConcentratedPool, one: int, other: int, zero_for_one: bool
) -> None:
    less, more = sorted((one, other))
    cheap = swapped(pool, less, zero_for_one, exact_output=True)
    assert cheap.amount_in <= swapped(pool, more, zero_for_one, exact_output=True).amount_in


@given(pools(), amounts, directions)
def test_the_cost_of_an_output_buys_at_least_that_output(
    pool: ConcentratedPool, amount: int, zero_for_one: bool
) -> None:
    bought = swapped(pool, amount, zero_for_one, exact_output=True)
    assume(not bought.unfilled)
    assert swapped(pool, bought.amount_in, zero_for_one).amount_out >= amount


@given(pools(), amounts, directions)
def test_swapping_there_and_back_never_gains(pool: ConcentratedPool, amount: int, zero_for_one: bool) -> None:
    there = swapped(pool, amount, zero_for_one)
    assume(there.amount_out)
    back = swapped(after(pool, there), there.amount_out, not zero_for_one)
    assert back.amount_out <= there.amount_in


@given(pools(), amounts, directions)
def test_the_liquidity_after_a_swap_is_that_of_the_positions_around_the_new_tick(
    pool: ConcentratedPool, amount: int, zero_for_one: bool
) -> None:
    result = swapped(pool, amount, zero_for_one)
    below = sum(net for tick, net in zip(pool.ticks, pool.liquidity_net, strict=True) if tick <= result.tick)
    assert result.liquidity == below


@given(pools(), amounts, directions)
def test_what_is_given_is_spent_or_left_over(pool: ConcentratedPool, amount: int, zero_for_one: bool) -> None:
    result = swapped(pool, amount, zero_for_one)
    assert result.amount_in + result.unfilled == amount


@given(pools(), amounts, directions, st.integers(1, 20_000))
def test_a_price_limit_is_never_passed(
    pool: ConcentratedPool, amount: int, zero_for_one: bool, distance: int
) -> None:
    limit = sqrt_ratio_at_tick(pool.tick + (-distance if zero_for_one else distance))
    result = pool.swap(amount, zero_for_one=zero_for_one, sqrt_price_limit=limit)
    assert result.sqrt_price_x96 >= limit if zero_for_one else result.sqrt_price_x96 <= limit
    assert not result.unfilled or result.sqrt_price_x96 == limit


@given(pools(), amounts, directions, st.integers(0, 3))
def test_a_narrow_window_gives_the_whole_pools_answer_or_none(
    pool: ConcentratedPool, amount: int, zero_for_one: bool, words: int
) -> None:
    word = pool.tick // pool.tick_spacing // 256
    span = 256 * pool.tick_spacing
    seen = [
        (tick, net)
        for tick, net in zip(pool.ticks, pool.liquidity_net, strict=True)
        if word - words <= tick // span <= word + words
    ]
    narrow = ConcentratedPool(
        pool.sqrt_price_x96,
        pool.tick,
        pool.liquidity,
        pool.fee_pips,
        pool.tick_spacing,
        tuple(tick for tick, _ in seen),
        tuple(net for _, net in seen),
        word - words,
        word + words,
    )
    try:
        answer = narrow.swap(amount, zero_for_one=zero_for_one)
    except OutsideWindow:
        return
    assert answer == pool.swap(amount, zero_for_one=zero_for_one)


def test_a_swap_that_leaves_the_window_is_refused() -> None:
    pool = pool_of([(-887220, 887220, 10**18)], words=(0, 0))
    assert pool.swap_exact_input(10**15, zero_for_one=False).amount_out > 0
    with pytest.raises(OutsideWindow):
        pool.swap_exact_input(10**19, zero_for_one=False)
    with pytest.raises(OutsideWindow):
        pool.swap_exact_output(9 * 10**17, zero_for_one=False)


def test_a_swap_beyond_the_last_position_is_refused() -> None:
    pool = pool_of([(-600, 600, 10**18)])
    with pytest.raises(InsufficientLiquidity):
        pool.swap_exact_input(10**18, zero_for_one=True)
    with pytest.raises(InsufficientLiquidity):
        pool.swap_exact_output(10**18, zero_for_one=True)


def test_a_swap_too_small_to_buy_a_unit_is_refused() -> None:
    with pytest.raises(ZeroOutput):
        pool_of([(-600, 600, 10**18)]).swap_exact_input(1, zero_for_one=True)


@pytest.mark.parametrize(("amount", "refusal"), [(0, ZeroAmount), (-5, ZeroAmount), (2**255, AmountTooLarge)])
def test_an_amount_the_contract_cannot_count_is_refused(amount: int, refusal: type[SwapRefused]) -> None:
    with pytest.raises(refusal):
        pool_of([(-600, 600, 10**18)]).swap_exact_input(amount, zero_for_one=True)


@pytest.mark.parametrize(
    ("limit", "zero_for_one"),
    [(2**96, True), (2**96, False), (2**96 + 1, True), (MIN_SQRT_RATIO, True), (MAX_SQRT_RATIO, False)],
)
def test_a_price_limit_behind_the_price_or_at_the_end_of_the_range_is_refused(
    limit: int, zero_for_one: bool
) -> None:
    with pytest.raises(PriceLimitReached):
        pool_of([(-600, 600, 10**18)]).swap(1000, zero_for_one=zero_for_one, sqrt_price_limit=limit)


def test_a_pool_without_liquidity_fills_nothing() -> None:
    with pytest.raises(InsufficientLiquidity):
        pool_of([]).swap_exact_input(1000, zero_for_one=True)


def test_a_quote_across_twenty_ticks_takes_less_than_a_millisecond() -> None:
    pool = pool_of([(-60 * i, 60 * i, 10**18) for i in range(1, 26)])
    crossing = pool.swap(13 * 10**17, zero_for_one=True)
    assert crossing.ticks_crossed >= 20
    best = min(_seconds(pool) for _ in range(20))
    assert best < 0.001


def _seconds(pool: ConcentratedPool) -> float:
    start = time.perf_counter()
    pool.swap(13 * 10**17, zero_for_one=True)
    return time.perf_counter() - start
