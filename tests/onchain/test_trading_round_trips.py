"""Trading's queries on the local Base: what they answer, and how many HTTP requests to the node they take."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from colonnade.chains import BASE
from colonnade.evm import Address
from colonnade.testing.harness import Harness
from infra.rpc import ChainSettings, JsonRpcChains, RequestStats
from plugins.trading.networks import NATIVE
from tests.fixtures.local_chain import OnChain
from tests.onchain.random_pools import SUPPLY, deploy_token

pytestmark = pytest.mark.onchain

BALANCES = """query($account: Address!, $tokens: [Address!]) {
  balances(account: $account, tokens: $tokens) { amounts { raw token { symbol } } unknown block { number } }
}"""
PRICE = """query($input: SwapPriceInput!) {
  swapPrice(input: $input) {
    ... on SwapPrice {
      amountOut { raw }
      route { pool { protocol feeBps } }
      gas { l1DataFee { raw } }
      block { number }
    }
    ... on NoRoute { reason }
  }
}"""
ROUTER_OUT = "function getAmountsOut(uint256 amountIn, address[] path) view returns (uint256[] amounts)"
QUOTER_OUT = (
    "function quoteExactInputSingle((address tokenIn, address tokenOut, uint256 amountIn, uint24 fee, "
    "uint160 sqrtPriceLimitX96) params) returns (uint256 amountOut)"
)


@pytest.fixture
def requests() -> list[RequestStats]:
    """Every HTTP request to the node since the first, which asks for its chain id."""
    return []


@pytest.fixture
async def harness(local_chain: OnChain, requests: list[RequestStats]) -> AsyncIterator[Harness]:
    local_chain.mine()
    chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))], on_request=requests.append)
    await chains.reader(BASE).block()
    requests.clear()
    yield Harness("plugins.trading", chains=chains)
    chains.close()


async def test_the_balances_of_fifty_unknown_tokens_and_ether_are_one_request(
    local_chain: OnChain, chain_snapshot: None, harness: Harness, requests: list[RequestStats]
) -> None:
    owner = local_chain.accounts[0]
    tokens = [deploy_token(local_chain, ()) for _ in range(50)]
    ether = int(local_chain.rpc("eth_getBalance", owner, "latest"), 16)
    data = await harness.data(BALANCES, {"account": owner, "tokens": [*tokens, NATIVE]})
    assert len(requests) == 1
    assert [each["raw"] for each in data["balances"]["amounts"]] == [str(SUPPLY)] * 50 + [str(ether)]
    assert data["balances"]["unknown"] == []
    assert int(data["balances"]["block"]["number"]) == int(local_chain.rpc("eth_blockNumber"), 16)


async def test_the_balances_of_the_well_known_tokens_are_one_request(
    local_chain: OnChain, harness: Harness, requests: list[RequestStats]
) -> None:
    data = await harness.data(BALANCES, {"account": local_chain.accounts[1]})
    assert len(requests) == 1
    symbols = {each["token"]["symbol"] for each in data["balances"]["amounts"]}
    assert symbols == {"ETH", "WETH", "USDC", "EURC", "cbBTC", "DAI", "cbETH"}


async def price(harness: Harness, token_in: Address, token_out: Address, amount: int) -> dict[str, Any]:
    given = {"tokenIn": token_in, "tokenOut": token_out, "amount": str(amount)}
    answer: dict[str, Any] = (await harness.data(PRICE, {"input": given}))["swapPrice"]
    return answer


async def test_a_price_equals_the_quoters_and_is_one_request_or_none(
    local_chain: OnChain, harness: Harness, requests: list[RequestStats]
) -> None:
    eurc, usdc = local_chain["EURC"], local_chain["USDC"]
    for number, amount in enumerate((10**6, 25 * 10**8, 7)):
        priced = await price(harness, eurc, usdc, amount)
        quoter, router = local_chain["QuoterV2"], local_chain["UniswapV2Router02"]
        (concentrated,) = local_chain.call(quoter, QUOTER_OUT, (eurc, usdc, amount, 100, 0))
        (pair,) = local_chain.call(router, ROUTER_OUT, amount, (eurc, usdc))
        assert priced["amountOut"]["raw"] == str(max(concentrated, pair[-1]))
        assert len(requests) == 1, number
    assert int(priced["gas"]["l1DataFee"]["raw"]) > 0


async def test_a_stale_price_is_one_more_request_at_the_latest_block(
    local_chain: OnChain, harness: Harness, requests: list[RequestStats]
) -> None:
    first = await price(harness, local_chain["DAI"], local_chain["cbBTC"], 10**21)
    latest = local_chain.mine()
    harness.clock.advance(1)
    assert await price(harness, local_chain["DAI"], local_chain["cbBTC"], 10**21) == first
    assert len(requests) == 1
    harness.clock.advance(1)
    second = await price(harness, local_chain["DAI"], local_chain["cbBTC"], 10**21)
    assert len(requests) == 2
    assert int(second["block"]["number"]) == latest > int(first["block"]["number"])
    assert len(first["route"]) == 2


async def test_a_price_of_an_unknown_token_and_its_balance_together_are_one_request(
    local_chain: OnChain, chain_snapshot: None, harness: Harness, requests: list[RequestStats]
) -> None:
    token = deploy_token(local_chain, ())
    query = """query($token: Address!, $usdc: Address!, $account: Address!) {
      swapPrice(input: { tokenIn: $token, tokenOut: $usdc, amount: "5" }) { ... on NoRoute { reason } }
      balances(account: $account, tokens: [$token]) { amounts { raw } }
      pools(tokenA: $token, tokenB: $usdc) { edges { node { id } } }
      token(address: $token) { symbol }
    }"""
    variables = {"token": token, "usdc": local_chain["USDC"], "account": local_chain.accounts[0]}
    assert await harness.data(query, variables) == {
        "swapPrice": {"reason": "NO_POOL"},
        "balances": {"amounts": [{"raw": str(SUPPLY)}]},
        "pools": {"edges": []},
        "token": {"symbol": "UNI-V2"},
    }
    assert len(requests) == 1
