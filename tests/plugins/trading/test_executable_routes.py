"""Which of the routes that can be quoted a router can carry out."""

from __future__ import annotations

import pytest

from plugins.trading.execution.executable import executable_route
from plugins.trading.pools.pool import Pool, Protocol
from plugins.trading.router import NoRouteFound
from plugins.trading.routes import Route, TradeType
from tests.plugins.trading.scripted_market import TOKEN, USDC, WETH, pair, pool

V2, V3 = Protocol.UNISWAP_V2, Protocol.UNISWAP_V3
PLENTY = 10**24
AMOUNT = 10**18


def route(*pools: Pool, trade_type: TradeType = TradeType.EXACT_OUTPUT) -> Route:
    """The route from the token to USDC, perhaps by way of WETH."""
    return executable_route(
        pools, hubs=[WETH], token_in=TOKEN, token_out=USDC, amount=AMOUNT, trade_type=trade_type
    )


def protocols(found: Route) -> list[Protocol]:
    return [leg.pool.protocol for leg in found.legs]


def test_of_the_protocols_that_make_an_output_the_cheaper_is_taken() -> None:
    concentrated = pool(TOKEN, USDC, PLENTY)
    assert protocols(route(pair(TOKEN, USDC, PLENTY, PLENTY), concentrated)) == [V3]
    assert protocols(route(pair(TOKEN, USDC, PLENTY, 2 * PLENTY), concentrated)) == [V2]


def test_an_output_goes_through_two_protocols_only_where_none_makes_it_alone() -> None:
    mixed = [pair(TOKEN, WETH, PLENTY, PLENTY), pool(WETH, USDC, PLENTY)]
    assert protocols(route(*mixed)) == [V2, V3]
    dear = pair(WETH, USDC, PLENTY, PLENTY // 2)
    alone = route(*mixed, dear)
    assert protocols(alone) == [V2, V2]
    assert alone.amount_in > route(*mixed).amount_in


def test_an_input_takes_the_best_route_through_whatever_protocols() -> None:
    pools = [
        pair(TOKEN, WETH, PLENTY, PLENTY),
        pool(WETH, USDC, PLENTY),
        pair(WETH, USDC, PLENTY, PLENTY // 2),
    ]
    assert protocols(route(*pools, trade_type=TradeType.EXACT_INPUT)) == [V2, V3]


def test_what_no_pool_makes_is_no_route() -> None:
    with pytest.raises(NoRouteFound):
        route(pair(TOKEN, USDC, PLENTY, AMOUNT))
