"""What trading says of itself: whether swaps can be priced."""

from __future__ import annotations

import pytest

from colonnade.errors import ChainTimeout
from colonnade.health import Status
from colonnade.testing.harness import Harness
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from plugins.trading.health import quotes_can_be_read
from tests.plugins.trading.scripted_market import USDC, WETH, pair, script_pools


def harness_on(*chains: ScriptedChain) -> Harness:
    return Harness("plugins.trading", chains=ScriptedChains(*chains))


async def test_a_market_with_a_price_is_well() -> None:
    chain = ScriptedChain()
    script_pools(chain, [pair(WETH, USDC, 1_000 * 10**18, 2_500_000 * 10**6)])
    assert (await quotes_can_be_read(harness_on(chain).context())).status is Status.OK


async def test_a_market_without_a_price_is_degraded() -> None:
    chain = ScriptedChain()
    script_pools(chain, [])
    assert (await quotes_can_be_read(harness_on(chain).context())).status is Status.DEGRADED


async def test_a_network_without_an_endpoint_is_degraded() -> None:
    found = await quotes_can_be_read(harness_on().context())
    assert (found.status, "8453" in found.note) == (Status.DEGRADED, True)


async def test_a_chain_that_does_not_answer_is_for_the_caller_to_judge() -> None:
    chain = ScriptedChain()
    chain.outage = ChainTimeout("no endpoint answered")
    with pytest.raises(ChainTimeout):
        await quotes_can_be_read(harness_on(chain).context())
