"""Pools as clients see them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from colonnade.errors import ChainTimeout
from colonnade.evm import checksum
from colonnade.testing.harness import Harness
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from plugins.trading.networks import NATIVE
from plugins.trading.pools.pool import Pool
from tests.plugins.trading.scripted_market import TOKEN, USDC, WETH, pair, pool, script_pools, script_token

PAIR = pair(WETH, USDC, 10**21, 2_500_000 * 10**6)
POOL = pool(WETH, USDC, 10**18)
STRANGER = checksum(b"\x09" * 20)

FIELDS = """
fragment Fields on Pool {
  __typename id address protocol feeBps price token0 { symbol } token1 { symbol } block { number }
  ... on ConstantProductPool { reserve0 { amount } reserve1 { amount } }
  ... on ConcentratedPool { sqrtPriceX96 tick tickSpacing liquidity }
}
"""
POOLS = (
    FIELDS
    + """
query($a: Address!, $b: Address!, $first: Int! = 20, $after: String) {
  pools(tokenA: $a, tokenB: $b, first: $first, after: $after) {
    edges { node { ...Fields } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
)
NODE = FIELDS + "query($id: ID!) { node(id: $id) { ...Fields } }"
POOL_BY_ID = FIELDS + "query($id: ID!) { pool(id: $id) { ...Fields } }"


@pytest.fixture
def chain() -> ScriptedChain:
    scripted = ScriptedChain()
    script_pools(scripted, [PAIR, POOL])
    return scripted


@pytest.fixture
def harness(chain: ScriptedChain) -> Harness:
    return Harness("plugins.trading", chains=ScriptedChains(chain))


async def test_the_pools_of_two_tokens_are_read_in_one_round_trip(
    harness: Harness, chain: ScriptedChain
) -> None:
    data = await harness.data(POOLS, {"a": USDC, "b": WETH})
    assert [edge["node"] for edge in data["pools"]["edges"]] == [
        {
            "__typename": "ConstantProductPool",
            "id": f"pool_8453_{PAIR.address}",
            "address": PAIR.address,
            "protocol": "uniswap-v2",
            "feeBps": "30",
            "price": "2500",
            "token0": {"symbol": "WETH"},
            "token1": {"symbol": "USDC"},
            "block": {"number": "1"},
            "reserve0": {"amount": "1000.000000000000000000"},
            "reserve1": {"amount": "2500000.000000"},
        },
        {
            "__typename": "ConcentratedPool",
            "id": f"pool_8453_{POOL.address}",
            "address": POOL.address,
            "protocol": "uniswap-v3",
            "feeBps": "5",
            "price": "1000000000000",
            "token0": {"symbol": "WETH"},
            "token1": {"symbol": "USDC"},
            "block": {"number": "1"},
            "sqrtPriceX96": str(2**96),
            "tick": 0,
            "tickSpacing": 10,
            "liquidity": str(10**18),
        },
    ]
    assert chain.round_trips == 1


async def test_the_chains_own_coin_has_the_pools_of_its_wrapped_token(harness: Harness) -> None:
    wrapped, native = [await harness.data(POOLS, {"a": token, "b": USDC}) for token in (WETH, NATIVE)]
    assert native == wrapped


async def test_an_empty_pair_has_no_price(harness: Harness, chain: ScriptedChain) -> None:
    script_pools(chain, [pair(WETH, USDC, 0, 0)])
    data = await harness.data(POOLS, {"a": USDC, "b": WETH})
    assert [edge["node"]["price"] for edge in data["pools"]["edges"]] == [None]


async def test_a_token_has_no_pools_with_itself(harness: Harness, chain: ScriptedChain) -> None:
    result = await harness.execute(POOLS, {"a": WETH, "b": NATIVE})
    assert [failure.code for failure in result.errors] == ["BAD_REQUEST"]
    assert chain.round_trips == 0


async def test_pools_come_in_pages(harness: Harness) -> None:
    asked = {"a": WETH, "b": USDC, "first": 1}
    first = (await harness.data(POOLS, asked))["pools"]
    second = (await harness.data(POOLS, {**asked, "after": first["pageInfo"]["endCursor"]}))["pools"]
    protocols = [page["edges"][0]["node"]["protocol"] for page in (first, second)]
    assert protocols == ["uniswap-v2", "uniswap-v3"]
    assert (first["pageInfo"]["hasNextPage"], second["pageInfo"]["hasNextPage"]) == (True, False)


@pytest.mark.parametrize("known", [PAIR, POOL])
async def test_a_pool_is_found_again_by_its_id(harness: Harness, chain: ScriptedChain, known: Pool) -> None:
    node_id = f"pool_8453_{known.address}"
    by_node = (await harness.data(NODE, {"id": node_id}))["node"]
    by_pool = (await harness.data(POOL_BY_ID, {"id": node_id}))["pool"]
    assert by_node == by_pool
    assert (by_node["id"], by_node["protocol"]) == (node_id, known.protocol.value)
    assert chain.round_trips == 2


async def test_a_pool_of_an_unknown_token_takes_one_more_round_trip(
    harness: Harness, chain: ScriptedChain
) -> None:
    odd = pair(TOKEN, WETH, 10**18, 10**18)
    script_pools(chain, [odd])
    script_token(chain, TOKEN, symbol="NEW")
    node = (await harness.data(NODE, {"id": f"pool_8453_{odd.address}"}))["node"]
    assert {node["token0"]["symbol"], node["token1"]["symbol"]} == {"NEW", "WETH"}
    assert chain.round_trips == 2


@pytest.mark.parametrize(
    "node_id", [f"pool_8453_{STRANGER}", f"pool_1_{PAIR.address}", "pool_8453_", "pool_x"]
)
async def test_an_id_that_names_no_pool_finds_nothing(harness: Harness, node_id: str) -> None:
    assert await harness.data(NODE, {"id": node_id}) == {"node": None}


async def test_a_contract_that_only_claims_to_be_a_pool_is_not_found(
    harness: Harness, chain: ScriptedChain
) -> None:
    script_pools(chain, [replace(PAIR, address=STRANGER)])
    assert await harness.data(NODE, {"id": f"pool_8453_{STRANGER}"}) == {"node": None}


async def test_a_chain_that_does_not_answer_is_an_error_and_never_a_missing_pool(
    harness: Harness, chain: ScriptedChain
) -> None:
    chain.outage = ChainTimeout("nobody answers")
    result = await harness.execute(NODE, {"id": f"pool_8453_{PAIR.address}"})
    assert [failure.code for failure in result.errors] == ["CHAIN_UNAVAILABLE"]
