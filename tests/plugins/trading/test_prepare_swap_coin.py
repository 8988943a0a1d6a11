"""What a swap that pays with the chain's own coin leaves in the account."""

from __future__ import annotations

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
ORDER = {"tokenIn": NATIVE, "tokenOut": USDC, "amount": str(2_500 * 10**6), "tradeType": "EXACT_OUTPUT"}
PRICE = amount_in(2_500 * 10**6, 10**21, 25 * 10**11)
"""Wei that the order costs, the pool's fee included."""
MOST = PRICE * 10_050 // 10_000
GAS = (45_000 + 72_000) * BASE_FEE


@pytest.fixture
def chain() -> ScriptedChain:
    chain = ScriptedChain()
    chain.simulates = False
    script_pools(chain, [pair(WETH, USDC, 10**21, 25 * 10**11)])
    return chain


async def prepared(
    chain: ScriptedChain, coin: int, kind: WalletKind = WalletKind.EOA
) -> tuple[int, list[str]]:
    """What is sent along, and what the user is warned of, for an account that holds `coin`."""
    chain.set_balance(ACCOUNT, coin)
    wallets = LinkedWallets()
    wallets.link(ACCOUNT, kind)
    harness = Harness(
        "colonnade.actions.plugin",
        "plugins.trading",
        chains=ScriptedChains(chain),
        services={Wallets: wallets},
        principal=OWNER,
    )
    action: dict[str, Any] = await prepare(harness, ACCOUNT, ORDER)
    assert action["__typename"] == "PreparedAction", action
    (call,) = await calls_of(harness, action)
    return call.value, [warning["code"] for warning in action["warnings"]]


async def test_a_key_that_holds_plenty_sends_the_most_that_the_swap_may_cost(chain: ScriptedChain) -> None:
    assert await prepared(chain, 10**19) == (MOST, ["NOT_SIMULATED"])


async def test_a_key_keeps_what_gas_costs_twice(chain: ScriptedChain) -> None:
    assert await prepared(chain, MOST) == (MOST - 2 * GAS, ["NOT_SIMULATED"])


async def test_a_key_that_holds_too_little_for_gas_is_warned(chain: ScriptedChain) -> None:
    assert await prepared(chain, PRICE + GAS - 1) == (PRICE, ["LITTLE_GAS", "NOT_SIMULATED"])
    assert await prepared(chain, PRICE + GAS) == (PRICE, ["NOT_SIMULATED"])


async def test_a_contract_whose_gas_another_pays_may_spend_all_it_holds(chain: ScriptedChain) -> None:
    assert await prepared(chain, PRICE + 5, WalletKind.CONTRACT) == (PRICE + 5, ["NOT_SIMULATED"])
