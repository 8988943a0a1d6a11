"""The best route against every route through Uniswap's own quoters, and against what executing it does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product
from typing import Final

import pytest

from colonnade.chains import BASE
from colonnade.evm import Address, Function
from infra.rpc import ChainSettings, JsonRpcChains
from plugins.trading.gas import gas_units
from plugins.trading.markets import Market, read_market
from plugins.trading.pools.addresses import sort_tokens
from plugins.trading.pools.concentrated.tick_math import MAX_SQRT_RATIO, MIN_SQRT_RATIO
from plugins.trading.router import NoRouteFound, best_route, paths
from plugins.trading.routes import Route, TradeType
from tests.fixtures.local_chain import OnChain
from tests.onchain.random_pools import NETWORK, Question, ask
from tests.onchain.swap_router import approve_router, execute

pytestmark = pytest.mark.onchain

DECIMALS: Final = {"WETH": 18, "DAI": 18, "cbETH": 18, "USDC": 6, "EURC": 6, "cbBTC": 8}
PAIRS: Final = sorted(permutations(DECIMALS, 2))
SIZES: Final = (0.0001, 3, 250, 20_000)
"""Amounts in whole tokens."""

_PARAMS: Final = (
    "(address tokenIn, address tokenOut, uint256 amount, uint24 fee, uint160 sqrtPriceLimitX96) params"
)
_V3_INPUT: Final = Function.parse(
    f"function quoteExactInputSingle({_PARAMS}) returns (uint256 amount, uint160 price)"
)
_V3_OUTPUT: Final = Function.parse(
    f"function quoteExactOutputSingle({_PARAMS}) returns (uint256 amount, uint160 price)"
)
_V2_INPUT: Final = Function.parse(
    "function getAmountsOut(uint256, address[] path) view returns (uint256[] amounts)"
)
PRICES_OF_AN_EMPTIED_POOL: Final = (MIN_SQRT_RATIO + 1, MAX_SQRT_RATIO - 1)
"""Where QuoterV2 ends when it fills an input only in part, which it does not say otherwise."""

BALANCE_OF: Final = "function balanceOf(address owner) view returns (uint256)"
_V2_OUTPUT: Final = Function.parse(
    "function getAmountsIn(uint256, address[] path) view returns (uint256[] amounts)"
)


@pytest.fixture(scope="module")
def chains(local_chain: OnChain) -> Iterator[JsonRpcChains]:
    local_chain.mine()
    connected = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    yield connected
    connected.close()


async def market_of(chains: JsonRpcChains, one: Address, other: Address) -> Market:
    return await read_market(chains.reader(BASE), NETWORK, *sort_tokens(one, other))


def best(
    market: Market, token_in: Address, token_out: Address, amount: int, trade_type: TradeType
) -> Route | None:
    try:
        return best_route(
            market.pools,
            hubs=NETWORK.hubs,
            token_in=token_in,
            token_out=token_out,
            amount=amount,
            trade_type=trade_type,
        )
    except NoRouteFound:
        return None


def hop_questions(
    chain: OnChain, hop: tuple[Address, Address], amount: int, trade_type: TradeType
) -> list[Question]:
    """One question to a quoter for each pool that a hop may use, whether it exists or not."""
    selling = trade_type is TradeType.EXACT_INPUT
    v2 = Question(chain["UniswapV2Router02"], _V2_INPUT if selling else _V2_OUTPUT, (amount, hop))
    v3 = [
        Question(chain["QuoterV2"], _V3_INPUT if selling else _V3_OUTPUT, ((*hop, amount, fee, 0),))
        for fee in NETWORK.pools.fee_tiers
    ]
    return [v2, *v3]


def amounts_of(answers: Sequence[tuple[object, ...] | None], selling: bool) -> set[int]:
    """The amounts in quoters' answers, of those that fill the swap."""
    found: set[int] = set()
    for answer in answers:
        match answer:
            case ((int(first), *_, int(last)),):
                found.add(last if selling else first)
            case (int(amount), int(price)) if price not in PRICES_OF_AN_EMPTIED_POOL:
                found.add(amount)
    return found - {0}


def every_quote(
    chain: OnChain, token_in: Address, token_out: Address, amount: int, trade_type: TradeType
) -> set[int]:
    """What every direct and two-hop route gives, or takes, by the quoters' own word."""
    selling = trade_type is TradeType.EXACT_INPUT
    results: set[int] = set()
    for path in paths(token_in, token_out, NETWORK.hubs):
        amounts = {amount}
        for hop in path if selling else path[::-1]:
            questions = [q for each in amounts for q in hop_questions(chain, hop, each, trade_type)]
            amounts = amounts_of(ask(chain, questions, together=64), selling)
        results |= amounts
    return results


@pytest.mark.parametrize("trade_type", TradeType)
async def test_no_route_through_the_quoters_beats_the_best(
    local_chain: OnChain, chains: JsonRpcChains, trade_type: TradeType
) -> None:
    selling = trade_type is TradeType.EXACT_INPUT
    routed = 0
    for (sold, bought), size in product(PAIRS, SIZES):
        token_in, token_out = local_chain[sold], local_chain[bought]
        amount = int(size * 10 ** DECIMALS[sold if selling else bought])
        route = best(await market_of(chains, token_in, token_out), token_in, token_out, amount, trade_type)
        quotes = every_quote(local_chain, token_in, token_out, amount, trade_type)
        if route is None:
            assert not quotes, (sold, bought, size)
            continue
        routed += 1
        assert (max(quotes) if selling else min(quotes)) == (route.amount_out if selling else route.amount_in)
    assert routed > 80


@pytest.mark.parametrize(
    ("sold", "bought"),
    [("WETH", "USDC"), ("EURC", "cbBTC"), ("DAI", "cbBTC"), ("cbETH", "USDC"), ("DAI", "WETH")],
)
async def test_an_executed_route_pays_what_was_quoted_and_takes_about_the_gas_that_was_estimated(
    local_chain: OnChain, chains: JsonRpcChains, chain_snapshot: None, sold: str, bought: str
) -> None:
    token_in, token_out, owner = local_chain[sold], local_chain[bought], local_chain.accounts[0]
    approve_router(local_chain, (token_in,))
    for size in (0.5, 0.5, 20, 60):
        market = await market_of(chains, token_in, token_out)
        route = best(market, token_in, token_out, int(size * 10 ** DECIMALS[sold]), TradeType.EXACT_INPUT)
        assert route is not None
        (before,) = local_chain.call(token_out, BALANCE_OF, owner)
        # Pools keep their observations once a second: the first swap in a block pays for it.
        local_chain.rpc("evm_increaseTime", 2)
        receipt = execute(local_chain, route)
        (after,) = local_chain.call(token_out, BALANCE_OF, owner)
        assert after - before == route.amount_out
        estimated, used = gas_units(route), receipt.gas_used
    # A pool's first swaps are dearer, for they write where nothing was written before.
    assert estimated == pytest.approx(used, rel=0.2)
