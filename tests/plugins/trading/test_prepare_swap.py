"""What `prepareSwap` makes of a market: to the unit, the basis point and the second."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from colonnade.evm import checksum
from colonnade.testing.harness import Harness
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from colonnade.testing.scripted_ledger import BASE_FEE
from colonnade.wallets import WalletKind, Wallets
from plugins.trading.networks import NATIVE
from plugins.trading.pools.constant_product import amount_in
from tests.onchain.prepared_swaps import OWNER, LinkedWallets, calls_of, prepare
from tests.plugins.trading.scripted_market import USDC, WETH, pair, script_pools

ACCOUNT = checksum(b"\xaa" * 20)
BUY = {"tokenIn": NATIVE, "tokenOut": USDC, "amount": str(2_500 * 10**6), "tradeType": "EXACT_OUTPUT"}
PRICE = amount_in(2_500 * 10**6, 10**21, 25 * 10**11)
"""Wei that the order costs, the pool's fee included."""
MOST = PRICE * 10_050 // 10_000
GAS = (45_000 + 72_000) * BASE_FEE

SELL = {"tokenIn": NATIVE, "tokenOut": USDC, "amount": str(10**18)}


@pytest.fixture
def chain() -> ScriptedChain:
    chain = ScriptedChain()
    chain.simulates = False
    script_pools(chain, [pair(WETH, USDC, 10**21, 25 * 10**11)])
    return chain


def impact_of(chain: ScriptedChain, bps: int) -> None:
    """Have the order that sells lose just so much to its size: of the input, 0.3 % is the pool's fee."""
    after_fee = 997 * 10**15
    script_pools(chain, [pair(WETH, USDC, after_fee * (10_000 - bps) // bps, 10**12)])


def harness_of(chain: ScriptedChain, coin: int, kind: WalletKind = WalletKind.EOA) -> Harness:
    """A caller whose wallet holds `coin`."""
    chain.set_balance(ACCOUNT, coin)
    wallets = LinkedWallets()
    wallets.link(ACCOUNT, kind)
    return Harness(
        "colonnade.actions.plugin",
        "plugins.trading",
        chains=ScriptedChains(chain),
        services={Wallets: wallets},
        principal=OWNER,
    )


async def sent_along(
    chain: ScriptedChain, coin: int, kind: WalletKind = WalletKind.EOA
) -> tuple[int, list[str]]:
    """The coin in the calldata of what is bought, and what the user is warned of."""
    harness = harness_of(chain, coin, kind)
    action = await prepare(harness, ACCOUNT, BUY)
    assert action["__typename"] == "PreparedAction", action
    (call,) = await calls_of(harness, action)
    return call.value, warned(action)


def warned(action: Mapping[str, Any]) -> list[str]:
    return [warning["code"] for warning in action["warnings"] if warning["code"] != "NOT_SIMULATED"]


async def test_a_key_that_holds_plenty_sends_the_most_that_the_swap_may_cost(chain: ScriptedChain) -> None:
    assert await sent_along(chain, 10**19) == (MOST, [])


async def test_a_key_keeps_what_gas_costs_twice(chain: ScriptedChain) -> None:
    assert await sent_along(chain, MOST) == (MOST - 2 * GAS, [])


async def test_a_key_that_holds_too_little_for_gas_is_warned(chain: ScriptedChain) -> None:
    assert await sent_along(chain, PRICE + GAS - 1) == (PRICE, ["LITTLE_GAS"])
    assert await sent_along(chain, PRICE + GAS) == (PRICE, [])


async def test_a_contract_whose_gas_another_pays_may_spend_all_it_holds(chain: ScriptedChain) -> None:
    assert await sent_along(chain, PRICE + 5, WalletKind.CONTRACT) == (PRICE + 5, [])


async def test_one_unit_less_than_the_price_is_too_little(chain: ScriptedChain) -> None:
    refused = await prepare(harness_of(chain, PRICE - 1), ACCOUNT, BUY)
    assert refused["code"] == "INSUFFICIENT_BALANCE"
    assert (refused["required"]["raw"], refused["held"]["raw"]) == (str(PRICE), str(PRICE - 1))


@pytest.mark.parametrize(("allowed", "refused"), [(100, False), (99, True)])
async def test_an_impact_is_allowed_up_to_the_limit_itself(
    chain: ScriptedChain, allowed: int, refused: bool
) -> None:
    impact_of(chain, 100)
    answer = await prepare(harness_of(chain, 10**19), ACCOUNT, SELL, maxPriceImpactBps=allowed)
    assert (answer.get("code") == "PRICE_IMPACT_TOO_HIGH") is refused
    if refused:
        assert answer["priceImpactBps"] == "100"


@pytest.mark.parametrize(
    ("impact", "slippage", "codes"),
    [
        (250, 299, []),
        (400, 300, ["HIGH_SLIPPAGE", "PRICE_IMPACT"]),
    ],
)
async def test_the_user_is_warned_of_what_is_notable(
    chain: ScriptedChain, impact: int, slippage: int, codes: list[str]
) -> None:
    impact_of(chain, impact)
    action = await prepare(harness_of(chain, 10**19), ACCOUNT, SELL, slippageBps=slippage)
    assert warned(action) == codes


@pytest.mark.parametrize("blocks", [0, 1_800])
async def test_a_deadline_counts_from_the_later_of_our_clock_and_the_chains(
    chain: ScriptedChain, blocks: int
) -> None:
    harness = harness_of(chain, 10**19)
    harness.clock.advance(600)
    if blocks:
        chain.mine(blocks)
    action = await prepare(harness, ACCOUNT, SELL)
    later = max(harness.clock.now(), chain.block.timestamp)
    assert later == (chain.block.timestamp if blocks else harness.clock.now())
    assert datetime.fromisoformat(action["expiresAt"]) == later + timedelta(minutes=20)
