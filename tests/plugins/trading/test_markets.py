"""How long what was read of a market may be used, by whom, and how much of it is kept."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta

import pytest

from colonnade.evm import checksum
from colonnade.testing.clock import START
from colonnade.testing.scripted_chain import ScriptedChain
from plugins.trading.markets import Market, Markets
from tests.plugins.trading.scripted_market import NETWORK, USDC, WETH, pair, script_pools

AGE = timedelta(seconds=2)


@pytest.fixture
def chain() -> ScriptedChain:
    scripted = ScriptedChain()
    script_pools(scripted, [pair(WETH, USDC, 10**21, 10**12)])
    return scripted


async def ask(markets: Markets, chain: ScriptedChain, seconds: float = 0.0, token: str = USDC) -> Market:
    now = START + timedelta(seconds=seconds)
    return await markets.market(chain.reader(), NETWORK, (WETH, checksum(bytes.fromhex(token[2:]))), now, AGE)


async def test_a_clock_that_is_set_back_does_not_make_a_state_last_longer(chain: ScriptedChain) -> None:
    markets = Markets()
    await ask(markets, chain, 10)
    await ask(markets, chain, 9)
    assert chain.round_trips == 2


async def test_the_order_of_the_tokens_does_not_matter(chain: ScriptedChain) -> None:
    markets = Markets()
    there = await markets.market(chain.reader(), NETWORK, (WETH, USDC), START, AGE)
    back = await markets.market(chain.reader(), NETWORK, (USDC, WETH), START, AGE)
    assert there is back


async def test_every_pool_of_a_market_is_of_one_block(chain: ScriptedChain) -> None:
    markets = Markets()
    await ask(markets, chain)
    script_pools(chain, [pair(WETH, USDC, 10**21, 7), pair(WETH, NETWORK.hubs[2], 5, 5)])
    chain.mine()
    market = await ask(markets, chain, 2)
    assert market.block == chain.block
    assert {pool.mid_price(WETH).numerator for pool in market.pools} == {7, 1}


async def test_the_memory_is_bounded_and_drops_the_oldest(
    chain: ScriptedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.trading.markets.KEPT_MARKETS", 2)
    markets = Markets()
    tokens = [checksum(bytes([i]) * 20) for i in (1, 2, 3)]
    for token in tokens:
        await ask(markets, chain, token=token)
    for token in tokens[1:]:
        await ask(markets, chain, token=token)
    assert chain.round_trips == 3
    await ask(markets, chain, token=tokens[0])
    assert chain.round_trips == 4


def test_many_threads_with_event_loops_of_their_own_may_share_it(chain: ScriptedChain) -> None:
    markets, failures, seen = Markets(), [], set()

    async def work() -> None:
        for step in range(40):
            market = await ask(markets, chain, step / 10)
            seen.add((market.block, market.pools))

    def run() -> None:
        try:
            asyncio.run(work())
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(seen) == 1
