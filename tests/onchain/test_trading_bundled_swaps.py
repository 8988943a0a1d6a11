"""Swaps of passkey accounts, two strangers' in one bundle: indexed and proved each by its own operation."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from colonnade.actions import PreparedCall, Unproved
from colonnade.chains import BASE
from colonnade.evm import Function
from colonnade.evm.bundles import executed_operations
from colonnade.testing.harness import Harness
from colonnade.wallets import WalletKind
from infra.rpc import ChainSettings, JsonRpcChains
from plugins.trading.execution.proof import proved_input
from plugins.trading.execution.swap_router import swap_call
from plugins.trading.execution.terms import SwapTerms
from plugins.trading.networks import NATIVE
from plugins.trading.routes import TradeType
from tests.fixtures.local_chain import OnChain
from tests.onchain.indexed import indexed, rows_of
from tests.onchain.prepared_swaps import LinkedWallets, calls_of, prepare, swap_harness
from tests.onchain.swap_desk import APPROVE, V3, Shape, held, terms_for
from tests.wallets.passkey_wallet import ENTRY_POINT, PasskeyWallet

pytestmark = pytest.mark.onchain

TRANSFER = "function transfer(address, uint256) returns (bool)"


@pytest.fixture
async def chains(local_chain: OnChain, chain_snapshot: None) -> AsyncIterator[JsonRpcChains]:
    local_chain.mine()
    connected = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    yield connected
    connected.close()


@pytest.fixture
def wallets() -> LinkedWallets:
    return LinkedWallets()


@pytest.fixture
def harness(local_chain: OnChain, chains: JsonRpcChains, wallets: LinkedWallets) -> Harness:
    return swap_harness(local_chain, chains, wallets)


async def sale(
    chain: OnChain, chains: JsonRpcChains, wallet: PasskeyWallet, sold: str, amount: int
) -> tuple[SwapTerms, list[PreparedCall]]:
    """The terms of a sale for USDC, and the calls that make it."""
    shape = Shape((sold, "USDC"), (V3,))
    terms = await terms_for(
        chain, chains, shape, amount, TradeType.EXACT_INPUT, wallet.address, slippage_bps=500
    )
    if terms.native_in:
        return terms, [swap_call(terms)]
    chain.send(chain.accounts[0], terms.token_in, TRANSFER, wallet.address, amount)
    approve = Function.parse(APPROVE).encode(chain["SwapRouter02"], amount)
    return terms, [PreparedCall(terms.token_in, approve), swap_call(terms)]


async def test_each_swap_of_a_bundle_is_its_own_accounts(
    local_chain: OnChain, chains: JsonRpcChains, harness: Harness
) -> None:
    ada = PasskeyWallet.create(local_chain.chain.node)
    eve = PasskeyWallet.create(local_chain.chain.node, ada.bundler)
    hers, calls = await sale(local_chain, chains, ada, "ETH", 10**16)
    theirs, others = await sale(local_chain, chains, eve, "WETH", 2 * 10**16)
    sent, _ = ada.bundler.submit(ENTRY_POINT, [ada.operation(calls), eve.operation(others)])
    found = await rows_of(harness.context(), chains.history(BASE), sent.tx_hash)
    assert [
        (row.attributes["account"], row.attributes["token_in"], row.attributes["amount_in"]) for row in found
    ] == [
        (ada.address, NATIVE, str(10**16)),
        (eve.address, local_chain["WETH"], str(2 * 10**16)),
    ]
    receipt = (await indexed(chains.history(BASE), sent.tx_hash)).receipt
    first, second = executed_operations(receipt.logs)
    assert proved_input(hers, first.logs) == 10**16
    assert proved_input(theirs, second.logs) == 2 * 10**16
    for terms, logs in ((hers, second.logs), (theirs, first.logs), (hers, receipt.logs)):
        with pytest.raises(Unproved):
            proved_input(terms, logs)


async def test_a_counterfactual_passkey_account_swaps_with_its_first_operation(
    local_chain: OnChain, chains: JsonRpcChains, harness: Harness, wallets: LinkedWallets
) -> None:
    wallet = PasskeyWallet.counterfactual(local_chain.chain.node)
    wallets.link(wallet.address, WalletKind.CONTRACT)
    usdc = local_chain["USDC"]
    order = {"tokenIn": NATIVE, "tokenOut": usdc, "amount": str(10**16)}
    action = await prepare(harness, wallet.address, order)
    assert action["__typename"] == "PreparedAction", action
    sent = wallet.send_calls(await calls_of(harness, action))
    assert sent.succeeded
    gained = held(local_chain, wallet.address, usdc)
    assert gained >= int(action["effects"][1]["minimum"]) > 0
    (row,) = await rows_of(harness.context(), chains.history(BASE), sent.tx_hash)
    assert (row.attributes["account"], row.attributes["amount_out"]) == (wallet.address, str(gained))
