"""The router against every route there is."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations, product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from colonnade.evm import Address, checksum
from plugins.trading.pools.addresses import sort_tokens
from plugins.trading.pools.concentrated.pool import ConcentratedPool
from plugins.trading.pools.constant_product import FEE_PIPS, ConstantProductPool
from plugins.trading.pools.pool import Pool, PoolState, Protocol
from plugins.trading.pools.refusals import InsufficientLiquidity, SwapRefused, ZeroOutput
from plugins.trading.router import NoRouteFound, best_route
from plugins.trading.routes import TradeType

A, B, HUB, OTHER_HUB = (checksum(bytes([i] * 20)) for i in (0x11, 0x22, 0x33, 0x44))
HUBS = (HUB, OTHER_HUB)


def pool(one: Address, other: Address, state: PoolState, number: int = 0) -> Pool:
    token0, token1 = sort_tokens(one, other)
    protocol = Protocol.UNISWAP_V2 if isinstance(state, ConstantProductPool) else Protocol.UNISWAP_V3
    return Pool(protocol, checksum(number.to_bytes(20, "big")), token0, token1, FEE_PIPS, state)


def concentrated(liquidity: int, lower: int = -887220, upper: int = 887220) -> ConcentratedPool:
    """A pool at price 1 with one position."""
    return ConcentratedPool(2**96, 0, liquidity, 3000, 60, (lower, upper), (liquidity, -liquidity), -58, 57)


states = st.one_of(
    st.builds(ConstantProductPool, st.integers(0, 10**7), st.integers(0, 10**7)),
    st.builds(concentrated, st.integers(1, 10**8), st.integers(-20, -1).map(lambda n: 60 * n)),
)


@st.composite
def markets(draw: st.DrawFn) -> list[Pool]:
    pairs = [pair for pair in permutations((A, B, *HUBS), 2) if pair[0] < pair[1]]
    chosen = draw(st.lists(st.tuples(st.sampled_from(pairs), states), max_size=12))
    return [pool(*pair, state, number) for number, (pair, state) in enumerate(chosen)]


def every_result(pools: Sequence[Pool], amount: int, trade_type: TradeType) -> list[int]:
    results = []
    between = {
        hop: [p for p in pools if (p.token0, p.token1) == sort_tokens(*hop)]
        for hop in permutations((A, B, *HUBS), 2)
    }
    chains: list[list[tuple[Address, Pool]]] = [[(A, p)] for p in between[A, B]]
    for hub in HUBS:
        chains += [[(A, p), (hub, q)] for p, q in product(between[A, hub], between[hub, B])]
    for chain in chains:
        value = amount
        try:
            for token_in, each in chain if trade_type is TradeType.EXACT_INPUT else reversed(chain):
                if trade_type is TradeType.EXACT_INPUT:
                    value = each.sell(token_in, value).amount_out
                else:
                    value = each.buy(token_in, value).amount_in
        except SwapRefused:
            continue
        results.append(value)
    return results


@given(markets(), st.integers(1, 10**7))
def test_no_route_gives_more_than_the_best(pools: list[Pool], amount: int) -> None:
    results = every_result(pools, amount, TradeType.EXACT_INPUT)
    assume(results)
    route = best_route(
        pools, hubs=HUBS, token_in=A, token_out=B, amount=amount, trade_type=TradeType.EXACT_INPUT
    )
    assert route.amount_out == max(results)
    assert route.amount_in == amount


@given(markets(), st.integers(1, 10**7))
def test_no_route_takes_less_than_the_best(pools: list[Pool], amount: int) -> None:
    results = every_result(pools, amount, TradeType.EXACT_OUTPUT)
    assume(results)
    route = best_route(
        pools, hubs=HUBS, token_in=A, token_out=B, amount=amount, trade_type=TradeType.EXACT_OUTPUT
    )
    assert route.amount_in == min(results)
    assert route.amount_out == amount


@given(markets(), st.integers(1, 10**7), st.sampled_from(TradeType))
def test_where_every_route_refuses_so_does_the_router(
    pools: list[Pool], amount: int, trade_type: TradeType
) -> None:
    assume(not every_result(pools, amount, trade_type))
    with pytest.raises(NoRouteFound):
        best_route(pools, hubs=HUBS, token_in=A, token_out=B, amount=amount, trade_type=trade_type)


@given(markets(), st.integers(1, 10**7), st.sampled_from(TradeType))
def test_the_legs_of_a_route_join(pools: list[Pool], amount: int, trade_type: TradeType) -> None:
    assume(every_result(pools, amount, trade_type))
    route = best_route(pools, hubs=HUBS, token_in=A, token_out=B, amount=amount, trade_type=trade_type)
    assert route.legs[0].token_in == A
    assert route.legs[-1].token_out == B
    for first, second in zip(route.legs, route.legs[1:], strict=False):
        assert first.token_out == second.token_in
        assert first.fill.amount_out == second.fill.amount_in
    assert 0 <= route.price_impact < 1


def test_a_far_pool_that_cannot_take_the_best_near_amount_is_asked_with_the_next() -> None:
    generous = pool(A, HUB, ConstantProductPool(10**9, 10**9), 1)
    meagre = pool(A, HUB, ConstantProductPool(10**9, 10**8), 2)
    shallow = pool(HUB, B, concentrated(10**8, -60, 60), 3)
    route = best_route(
        [generous, meagre, shallow],
        hubs=HUBS,
        token_in=A,
        token_out=B,
        amount=3 * 10**6,
        trade_type=TradeType.EXACT_INPUT,
    )
    assert [leg.pool for leg in route.legs] == [meagre, shallow]


def test_of_equal_routes_the_direct_one_is_taken() -> None:
    # 2 units buy 1 either way.
    direct = pool(A, B, ConstantProductPool(1000, 1000), 1)
    detour = [pool(A, HUB, ConstantProductPool(10, 13), 2), pool(HUB, B, ConstantProductPool(1000, 1000), 3)]
    route = best_route(
        [*detour, direct], hubs=HUBS, token_in=A, token_out=B, amount=2, trade_type=TradeType.EXACT_INPUT
    )
    assert len(route.legs) == 1


def test_a_refusal_says_what_the_pools_said() -> None:
    small = pool(A, B, ConstantProductPool(10**6, 10), 1)
    for amount, trade_type, refusal in (
        (5, TradeType.EXACT_INPUT, ZeroOutput),
        (10, TradeType.EXACT_OUTPUT, InsufficientLiquidity),
    ):
        with pytest.raises(NoRouteFound) as caught:
            best_route([small], hubs=(), token_in=A, token_out=B, amount=amount, trade_type=trade_type)
        assert [type(each) for each in caught.value.refusals] == [refusal]


def test_without_pools_nobody_refuses() -> None:
    with pytest.raises(NoRouteFound) as caught:
        best_route([], hubs=HUBS, token_in=A, token_out=B, amount=1, trade_type=TradeType.EXACT_INPUT)
    assert caught.value.refusals == ()


def test_price_impact_leaves_out_the_fee() -> None:
    # Ten times 997 in the fee's denomination moves a pool of a million by one per cent, less rounding.
    deep = pool(A, B, ConstantProductPool(997 * 10**15, 997 * 10**15), 1)
    route = best_route(
        [deep], hubs=(), token_in=A, token_out=B, amount=10**16, trade_type=TradeType.EXACT_INPUT
    )
    assert float(route.price_impact) == pytest.approx(1 - 1 / 1.01, rel=1e-12)
    assert route.mid_price == 1
