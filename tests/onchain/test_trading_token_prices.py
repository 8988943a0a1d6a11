"""Prices of tokens on the local Base: the deepest pool's, all in one request, and moved by a swap."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast

import pytest

from colonnade.chains import BASE
from colonnade.context import Info
from colonnade.errors import InvalidRequest
from colonnade.evm import Address, checksum, keccak
from colonnade.testing.harness import Harness
from infra.rpc import ChainSettings, JsonRpcChains, RequestStats
from plugins.trading.execution import swap_router
from plugins.trading.networks import NATIVE
from plugins.trading.routes import TradeType
from plugins.trading.subscriptions import current_prices, heads
from plugins.trading.types.prices import TokenPrices
from tests.fixtures.local_chain import OnChain
from tests.onchain.prepared_swaps import LinkedWallets, swap_harness
from tests.onchain.random_pools import deploy_token
from tests.onchain.swap_desk import NETWORK, V3, Shape, carry_out, terms_for

pytestmark = pytest.mark.onchain


@pytest.fixture
def requests() -> list[RequestStats]:
    return []


@pytest.fixture
async def chains(
    local_chain: OnChain, chain_snapshot: None, requests: list[RequestStats]
) -> AsyncIterator[JsonRpcChains]:
    local_chain.mine()
    connected = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))], on_request=requests.append)
    await connected.reader(BASE).block()
    yield connected
    connected.close()


@pytest.fixture
def harness(local_chain: OnChain, chains: JsonRpcChains) -> Harness:
    return swap_harness(local_chain, chains, LinkedWallets())


async def prices(harness: Harness, tokens: list[Address], **more: Any) -> TokenPrices | None:
    info = cast(Info, SimpleNamespace(context=harness.context()))
    return await current_prices(info, tokens, **more)


def by_address(found: TokenPrices | None) -> dict[str, Decimal | None]:
    assert found is not None
    return {each.address: each.price for each in found.prices}


async def test_every_price_comes_from_one_request(
    local_chain: OnChain, harness: Harness, requests: list[RequestStats]
) -> None:
    names = ("WETH", "USDC", "EURC", "cbBTC", "DAI", "cbETH")
    unpriced = deploy_token(local_chain, ())
    requests.clear()
    found = await prices(harness, [NATIVE, *(local_chain[name] for name in names), unpriced])
    assert len(requests) == 1
    assert found is not None
    assert found.quote.symbol == "USDC"
    told = by_address(found)
    assert told[NATIVE] == told[local_chain["WETH"]]
    assert told[unpriced] is None
    expected = {"WETH": 2_498.7, "USDC": 1, "EURC": 1.0852, "cbBTC": 100_120, "DAI": 0.9998, "cbETH": 2_728.8}
    for name, worth in expected.items():
        assert float(told[local_chain[name]] or 0) == pytest.approx(worth, rel=2e-3), name


async def test_a_hundred_tokens_are_one_request_too(
    local_chain: OnChain, harness: Harness, requests: list[RequestStats]
) -> None:
    strangers = [checksum(keccak(bytes([number]))[12:]) for number in range(100)]
    wanted = [*NETWORK.well_known, *strangers][:100]
    requests.clear()
    told = by_address(await prices(harness, wanted))
    assert len(requests) == 1
    assert list(told) == wanted
    assert [token for token in strangers if told.get(token) is not None] == []


async def test_a_swap_moves_the_price_at_the_next_block(
    local_chain: OnChain, harness: Harness, chains: JsonRpcChains
) -> None:
    eurc = local_chain["EURC"]
    before = await prices(harness, [eurc])
    terms = await terms_for(
        local_chain,
        chains,
        Shape(("ETH", "USDC", "EURC"), (V3, V3)),
        400 * 10**18,
        TradeType.EXACT_INPUT,
        local_chain.accounts[1],
        slippage_bps=5_000,
    )
    carry_out(local_chain, terms.account, swap_router.swap_call(terms))
    after = await prices(harness, [eurc])
    assert before is not None
    assert after is not None
    assert int(after.block.number) > int(before.block.number)
    assert (after.prices[0].price or 0) > (before.prices[0].price or 0)


async def test_prices_are_given_in_any_token_that_there_is(local_chain: OnChain, harness: Harness) -> None:
    weth, usdc = local_chain["WETH"], local_chain["USDC"]
    dollars, coins = await prices(harness, [weth]), await prices(harness, [usdc, weth], quote=NATIVE)
    in_dollars, in_coins = by_address(dollars)[weth], by_address(coins)
    assert in_coins[weth] == 1
    assert in_dollars is not None
    assert (in_coins[usdc] or 0) * in_dollars == pytest.approx(1, rel=Decimal("1e-12"))
    assert await prices(harness, [weth], quote=local_chain.accounts[9]) is None


@pytest.mark.parametrize(
    ("count", "chain_id", "told"), [(0, 8453, "tokens: 1 to 100"), (101, 8453, "not 101"), (1, 1, "chainId")]
)
def test_what_cannot_be_followed_is_refused(harness: Harness, count: int, chain_id: Any, told: str) -> None:
    with pytest.raises(InvalidRequest, match=told):
        heads(harness.context(), [NATIVE] * count, chain_id=chain_id)


def test_prices_follow_the_head_of_their_chain(harness: Harness) -> None:
    assert heads(harness.context(), [NATIVE]) == ["chain.head-moved#8453"]
