"""`swapPrice`: what it answers, what it costs, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pytest

from colonnade.errors import ChainTimeout
from colonnade.testing.harness import Harness
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from plugins.trading.lens import LENS_ADDRESS, READ
from plugins.trading.networks import NATIVE
from plugins.trading.settings import TradingSettings
from tests.plugins.trading.scripted_market import (
    CBBTC,
    NETWORK,
    TOKEN,
    USDC,
    WETH,
    pair,
    pool,
    script_pools,
    script_token,
)

QUERY: Final = """
query Price($input: SwapPriceInput!) {
  swapPrice(input: $input) {
    __typename
    ... on SwapPrice {
      tradeType price midPrice priceImpactBps
      amountIn { raw amount token { symbol } }
      amountOut { raw amount token { symbol } }
      route { ticksCrossed pool { id protocol feeBps } amountIn { raw token { symbol } } amountOut { raw token { symbol } } }
      gas { units baseFee l2Fee { raw } l1DataFee { raw } total { amount token { symbol } } }
      block { number hash timestamp finality }
    }
    ... on UserError { code message path retryable }
    ... on NoRoute { reason }
    ... on TokenNotFound { addresses }
    ... on ValidationFailed { issues { path code } }
  }
}
"""


@pytest.fixture
def chain() -> ScriptedChain:
    """WETH and USDC with a deep pair at 2,500, and nothing else."""
    scripted = ScriptedChain()
    script_pools(scripted, [pair(WETH, USDC, 1_000 * 10**18, 2_500_000 * 10**6)])
    return scripted


def harness_on(chain: ScriptedChain, **settings: float) -> Harness:
    given = [TradingSettings(**settings)] if settings else []
    return Harness("plugins.trading", chains=ScriptedChains(chain), settings=given)


@pytest.fixture
def harness(chain: ScriptedChain) -> Harness:
    return harness_on(chain)


async def ask(
    harness: Harness, token_in: str = WETH, token_out: str = USDC, **more: Any
) -> Mapping[str, Any]:
    given = {"tokenIn": token_in, "tokenOut": token_out, "amount": str(10**18), **more}
    data = await harness.data(QUERY, {"input": given})
    priced: Mapping[str, Any] = data["swapPrice"]
    return priced


async def test_a_direct_swap_is_priced_to_the_atomic_unit(harness: Harness, chain: ScriptedChain) -> None:
    priced = await ask(harness)
    assert priced["amountIn"] == {
        "raw": str(10**18),
        "amount": "1.000000000000000000",
        "token": {"symbol": "WETH"},
    }
    assert priced["amountOut"] == {"raw": "2490017452", "amount": "2490.017452", "token": {"symbol": "USDC"}}
    assert (priced["price"], priced["midPrice"]) == ("2490.017452", "2500")
    # 0.997 WETH went into a pool of 1,000: 1 - 1 / 1.000997, and a little rounding.
    assert priced["priceImpactBps"] == "9.9601"
    (leg,) = priced["route"]
    assert (leg["pool"]["protocol"], leg["pool"]["feeBps"], leg["ticksCrossed"]) == ("uniswap-v2", "30", 0)
    assert priced["block"] == {
        "number": "1",
        "hash": "0x" + chain.block.hash.hex(),
        "timestamp": "2026-01-01T00:00:02Z",
        "finality": "CONFIRMED",
    }


async def test_an_exact_output_names_its_cost(harness: Harness) -> None:
    priced = await ask(harness, amount="2490017452", tradeType="EXACT_OUTPUT")
    assert priced["tradeType"] == "EXACT_OUTPUT"
    assert priced["amountOut"]["raw"] == "2490017452"
    assert 10**18 - 10**12 < int(priced["amountIn"]["raw"]) <= 10**18


async def test_a_route_through_a_common_token_joins_two_pools(harness: Harness, chain: ScriptedChain) -> None:
    script_token(chain, TOKEN)
    script_pools(
        chain,
        [pair(WETH, USDC, 10**21, 25 * 10**11), pool(TOKEN, WETH, 10**22), pair(TOKEN, USDC, 10**15, 10**6)],
    )
    priced = await ask(harness, TOKEN, amount=str(10**15))
    assert [leg["pool"]["protocol"] for leg in priced["route"]] == ["uniswap-v3", "uniswap-v2"]
    first, second = priced["route"]
    assert first["amountOut"] == second["amountIn"]
    assert first["amountOut"]["token"]["symbol"] == "WETH"
    assert priced["amountOut"]["raw"] == second["amountOut"]["raw"]
    assert priced["midPrice"] == "2500"


async def test_the_chains_own_coin_is_priced_as_its_wrapped_token(harness: Harness) -> None:
    wrapped, native = await ask(harness), await ask(harness, NATIVE)
    assert native["amountIn"]["token"] == {"symbol": "ETH"}
    assert native["amountOut"] == wrapped["amountOut"]
    assert native["route"] == wrapped["route"]
    bought = await ask(harness, USDC, NATIVE, amount="1000000")
    assert bought["amountOut"]["token"] == {"symbol": "ETH"}


async def test_a_price_takes_one_round_trip_and_none_while_the_state_is_fresh(
    harness: Harness, chain: ScriptedChain
) -> None:
    first = await ask(harness)
    assert chain.round_trips == 1
    chain.mine(5)
    harness.clock.advance(1.999)
    again = await ask(harness, USDC, WETH, amount="1000000")
    assert chain.round_trips == 1
    assert again["block"] == first["block"]


async def test_a_state_as_old_as_the_setting_is_read_again(harness: Harness, chain: ScriptedChain) -> None:
    first = await ask(harness)
    script_pools(chain, [pair(WETH, USDC, 10**21, 3 * 10**12)])
    chain.mine()
    harness.clock.advance(2)
    second = await ask(harness)
    assert chain.round_trips == 2
    assert (first["midPrice"], second["midPrice"]) == ("2500", "3000")
    assert (first["block"]["number"], second["block"]["number"]) == ("1", "2")


async def test_the_age_is_a_setting(chain: ScriptedChain) -> None:
    patient, eager = (harness_on(chain, pool_state_max_age_seconds=seconds) for seconds in (60, 0))
    await ask(patient)
    patient.clock.advance(59)
    await ask(patient)
    assert chain.round_trips == 1
    await ask(eager)
    await ask(eager)
    assert chain.round_trips == 3


async def test_an_unknown_token_and_its_pools_are_read_in_the_same_round_trip(
    harness: Harness, chain: ScriptedChain
) -> None:
    script_token(chain, TOKEN, symbol="NEW", decimals=6)
    script_pools(chain, [pair(TOKEN, WETH, 10**12, 10**21)])
    priced = await ask(harness, TOKEN, WETH, amount="1000000")
    assert priced["amountIn"]["token"]["symbol"] == "NEW"
    assert priced["amountIn"]["amount"] == "1.000000"
    assert chain.round_trips == 1


async def test_the_same_price_twice_in_one_operation_is_read_once(
    harness: Harness, chain: ScriptedChain
) -> None:
    query = """query($input: SwapPriceInput!) {
      a: swapPrice(input: $input) { ... on SwapPrice { price } }
      b: swapPrice(input: $input) { ... on SwapPrice { price } }
    }"""
    given = {"tokenIn": WETH, "tokenOut": USDC, "amount": "1000"}
    data = await harness.data(query, {"input": given})
    assert data["a"] == data["b"]
    assert chain.round_trips == 1


async def test_gas_is_priced_with_the_blocks_base_fee_and_the_l1_oracle(
    harness: Harness, chain: ScriptedChain
) -> None:
    assert NETWORK.l1_fee_oracle is not None
    upper_bound = "function getL1FeeUpperBound(uint256 unsignedTxSize) view returns (uint256)"
    chain.returns(NETWORK.l1_fee_oracle, upper_bound, 777, arguments=(480,))
    chain.returns(NETWORK.l1_fee_oracle, upper_bound, 555, arguments=(360,))
    gas = (await ask(harness))["gas"]
    assert gas["baseFee"] == str(chain.block.base_fee)
    assert gas["l2Fee"]["raw"] == str(int(gas["units"]) * chain.block.base_fee)
    assert gas["l1DataFee"] == {"raw": "555"}
    assert gas["total"]["token"] == {"symbol": "ETH"}
    assert gas["total"]["amount"].replace(".", "").lstrip("0") == str(int(gas["l2Fee"]["raw"]) + 555)
    assert chain.round_trips == 1


async def test_without_an_l1_oracle_there_is_no_l1_fee(harness: Harness, chain: ScriptedChain) -> None:
    assert NETWORK.l1_fee_oracle is not None
    assert (await ask(harness))["gas"]["l1DataFee"] is None
    chain.reverts(NETWORK.l1_fee_oracle, "function getL1FeeUpperBound(uint256) view returns (uint256)")
    harness.clock.advance(3)
    assert (await ask(harness))["gas"]["l1DataFee"] is None


@pytest.mark.parametrize(
    ("given", "issues"),
    [
        ({"amount": "0"}, [("amount", "OUT_OF_RANGE")]),
        ({"amount": "-1"}, [("amount", "OUT_OF_RANGE")]),
        ({"amount": str(2**256)}, [("amount", "OUT_OF_RANGE")]),
        ({"tokenOut": WETH}, [("tokenOut", "SAME_TOKEN")]),
        ({"tokenOut": NATIVE}, [("tokenOut", "SAME_TOKEN")]),
        ({"chainId": 1}, [("chainId", "UNSUPPORTED_CHAIN")]),
        ({"tokenOut": WETH, "amount": "0"}, [("tokenOut", "SAME_TOKEN"), ("amount", "OUT_OF_RANGE")]),
    ],
)
async def test_an_input_that_makes_no_sense_is_refused_with_every_reason(
    harness: Harness, chain: ScriptedChain, given: dict[str, Any], issues: list[tuple[str, str]]
) -> None:
    refused = await ask(harness, **given)
    assert refused["__typename"] == "ValidationFailed"
    assert [(issue["path"][-1], issue["code"]) for issue in refused["issues"]] == issues
    assert chain.round_trips == 0


@pytest.mark.parametrize(("field", "other"), [("tokenIn", "tokenOut"), ("tokenOut", "tokenIn")])
async def test_an_address_without_a_token_is_named(harness: Harness, field: str, other: str) -> None:
    refused = await ask(harness, **{field: TOKEN, other: USDC})
    assert refused["__typename"] == "TokenNotFound"
    assert refused["path"] == ["input", field]
    assert refused["addresses"] == [TOKEN]


@pytest.mark.parametrize(
    ("pools", "more", "reason"),
    [
        ([], {}, "NO_POOL"),
        ([pair(WETH, CBBTC, 10**20, 10**8)], {}, "NO_POOL"),
        ([pair(WETH, USDC, 0, 0)], {}, "INSUFFICIENT_LIQUIDITY"),
        ([pair(WETH, USDC, 10**20, 10**6)], {"amount": "1"}, "AMOUNT_TOO_SMALL"),
        (
            [pair(WETH, USDC, 10**20, 10**6)],
            {"amount": str(10**6), "tradeType": "EXACT_OUTPUT"},
            "INSUFFICIENT_LIQUIDITY",
        ),
        ([pool(WETH, USDC, 10**18, half_width=100)], {}, "INSUFFICIENT_LIQUIDITY"),
        ([pool(WETH, USDC, 10**18, words=(-1, 0))], {"amount": str(10**20)}, "PRICE_OUT_OF_REACH"),
        ([pair(WETH, USDC, 10**20, 10**20)], {"amount": str(2**255)}, "INSUFFICIENT_LIQUIDITY"),
    ],
)
async def test_a_swap_that_no_pool_makes_has_no_route_and_says_why(
    harness: Harness, chain: ScriptedChain, pools: list[Any], more: dict[str, Any], reason: str
) -> None:
    script_pools(chain, pools)
    refused = await ask(harness, **more)
    assert (refused["__typename"], refused["code"], refused["reason"]) == ("NoRoute", "NO_ROUTE", reason)


async def test_a_chain_that_does_not_answer_is_an_error_and_never_a_missing_route(
    harness: Harness, chain: ScriptedChain
) -> None:
    await ask(harness)
    harness.clock.advance(2)
    chain.outage = ChainTimeout("nobody answers")
    result = await harness.execute(QUERY, {"input": {"tokenIn": WETH, "tokenOut": USDC, "amount": "1"}})
    assert result.data == {"swapPrice": None}
    (failure,) = result.errors
    assert isinstance(failure.cause, ChainTimeout)


async def test_a_node_that_makes_up_an_answer_is_an_error(harness: Harness, chain: ScriptedChain) -> None:
    chain.answer(LENS_ADDRESS, READ.selector, b"\x01" * 320)
    result = await harness.execute(QUERY, {"input": {"tokenIn": WETH, "tokenOut": USDC, "amount": "1"}})
    (failure,) = result.errors
    assert failure.code == "CHAIN_UNAVAILABLE"
