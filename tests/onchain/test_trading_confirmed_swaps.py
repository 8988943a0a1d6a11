"""From `prepareSwap` to a confirmed action: every step proved to the platform as a client does it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, Final

import pytest

from colonnade.actions import PreparedCall, SendCalls
from colonnade.chains import BASE
from colonnade.evm import address_bytes
from colonnade.testing.harness import Harness
from colonnade.wallets import WalletKind
from infra.rpc import ChainSettings, JsonRpcChains
from plugins.trading.networks import NATIVE
from tests.fixtures.local_chain import OnChain
from tests.onchain.prepared_swaps import LinkedWallets, prepare, steps_of, swap_harness
from tests.onchain.swap_desk import held, sign, wallet
from tests.wallets.eoa import EoaWallet
from tests.wallets.safe import SafeWallet

pytestmark = pytest.mark.onchain

TRANSFER: Final = "function transfer(address, uint256) returns (bool)"
CONFIRM: Final = """
mutation Confirm($input: ConfirmActionInput!) {
  confirmAction(input: $input) {
    __typename
    ... on PreparedAction {
      id status account failure { code message }
      steps {
        __typename index status
        ... on SendCallsStep { calls { to data value } }
        ... on SignTypedDataStep { typedData }
      }
    }
    ... on UserError { code message }
    ... on ProofRejected { reason }
  }
}
"""


@pytest.fixture
def wallets() -> LinkedWallets:
    return LinkedWallets()


@pytest.fixture
async def harness(
    local_chain: OnChain, chain_snapshot: None, wallets: LinkedWallets
) -> AsyncIterator[Harness]:
    local_chain.mine()
    chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    yield swap_harness(local_chain, chains, wallets)
    chains.close()


async def confirm(harness: Harness, action: dict[str, Any], step: int, **proof: str) -> dict[str, Any]:
    given = {"actionId": action["id"], "step": step, "proof": proof}
    confirmed: dict[str, Any] = (await harness.data(CONFIRM, {"input": given}))["confirmAction"]
    return confirmed


def calls_in(step: dict[str, Any]) -> list[PreparedCall]:
    return [
        PreparedCall(call["to"], bytes.fromhex(call["data"][2:]), int(call["value"]))
        for call in step["calls"]
    ]


async def carry_through(harness: Harness, action: dict[str, Any], trader: EoaWallet) -> dict[str, Any]:
    """Signs or sends each step when it is its turn, and proves it, until none is left."""
    for index in range(len(action["steps"])):
        step = action["steps"][index]
        assert step["status"] == "READY", step
        if step["__typename"] == "SignTypedDataStep":
            action = await confirm(
                harness, action, index, signature="0x" + sign(trader.key, step["typedData"]).hex()
            )
        else:
            sent = trader.send_calls(calls_in(step))
            assert sent.succeeded
            action = await confirm(harness, action, index, txHash=sent.tx_hash)
        assert action["__typename"] == "PreparedAction", action
        assert action["failure"] is None, action
    return action


@pytest.mark.parametrize(
    ("sold", "bought", "authorization"),
    [
        ("WETH", "USDC", "APPROVE"),
        ("USDC", "WETH", "PERMIT"),
        ("WETH", "USDC", "PERMIT2"),
        ("ETH", "USDC", None),
        ("USDC", "ETH", None),
        ("ETH", "USDC", "PERMIT2"),
    ],
)
async def test_a_keys_swap_is_confirmed_step_by_step(
    local_chain: OnChain,
    harness: Harness,
    wallets: LinkedWallets,
    sold: str,
    bought: str,
    authorization: str | None,
) -> None:
    trader = EoaWallet(local_chain.chain.node, wallet(1))
    wallets.link(trader.address)
    address = {"ETH": NATIVE, "WETH": local_chain["WETH"], "USDC": local_chain["USDC"]}
    order = {
        "tokenIn": address[sold],
        "tokenOut": address[bought],
        "amount": str(10**8 if sold == "USDC" else 10**16),
    }
    action = await prepare(harness, trader.address, order, authorization=authorization)
    assert action["__typename"] == "PreparedAction", action
    done = await carry_through(harness, action, trader)
    assert done["status"] in ("CONFIRMED", "FINALIZED")


async def test_a_safes_batch_is_confirmed_by_its_transaction(
    local_chain: OnChain, harness: Harness, wallets: LinkedWallets
) -> None:
    safe = SafeWallet.create(local_chain.chain.node)
    wallets.link(safe.address, WalletKind.CONTRACT)
    weth = local_chain["WETH"]
    local_chain.send(local_chain.accounts[0], weth, TRANSFER, safe.address, 10**16)
    for token_in in (weth, NATIVE):
        order = {"tokenIn": token_in, "tokenOut": local_chain["USDC"], "amount": str(10**16)}
        action = await prepare(harness, safe.address, order)
        sent = safe.send_calls(calls_in(action["steps"][0]))
        confirmed = await confirm(harness, action, 0, txHash=sent.tx_hash)
        assert confirmed["status"] in ("CONFIRMED", "FINALIZED"), confirmed


async def test_another_swap_of_the_same_account_does_not_confirm(
    local_chain: OnChain, harness: Harness, wallets: LinkedWallets
) -> None:
    trader = EoaWallet(local_chain.chain.node, wallet(1))
    wallets.link(trader.address)
    order = {"tokenIn": NATIVE, "tokenOut": local_chain["USDC"], "amount": str(10**16)}
    through_v2 = {**order, "tokenOut": local_chain["DAI"]}
    action, other = (
        await prepare(harness, trader.address, order),
        await prepare(harness, trader.address, through_v2),
    )
    sent = trader.send_calls(calls_in(other["steps"][0]))
    refused = await confirm(harness, action, 0, txHash=sent.tx_hash)
    assert refused.get("status") not in ("CONFIRMED", "FINALIZED"), refused
    right = trader.send_calls(calls_in(action["steps"][0]))
    assert (await confirm(harness, action, 0, txHash=right.tx_hash))["status"] in ("CONFIRMED", "FINALIZED")


async def test_coin_that_was_unwrapped_for_another_than_the_recipient_does_not_confirm(
    local_chain: OnChain, harness: Harness, wallets: LinkedWallets
) -> None:
    """The coin leaves no log of who got it: whoever keeps what another was to get must not pass for having paid."""
    trader, owed = EoaWallet(local_chain.chain.node, wallet(1)), local_chain.accounts[9]
    wallets.link(trader.address)
    order = {"tokenIn": local_chain["USDC"], "tokenOut": NATIVE, "amount": str(10**8)}
    action = await prepare(harness, trader.address, order, recipient=owed, authorization="APPROVE")
    steps = await steps_of(harness, action)
    (approve,), (swap,) = (step.calls for step in steps if isinstance(step, SendCalls))
    await confirm(harness, action, 0, txHash=trader.send_calls([approve]).tx_hash)
    kept = swap.data.replace(address_bytes(owed), address_bytes(trader.address))
    assert kept != swap.data
    before = held(local_chain, owed, NATIVE)
    sent = trader.send_calls([replace(swap, data=kept)])
    assert sent.succeeded
    assert held(local_chain, owed, NATIVE) == before
    refused = await confirm(harness, action, 1, txHash=sent.tx_hash)
    assert (refused["code"], refused["reason"]) == ("PROOF_REJECTED", "RECIPIENT_NOT_SHOWN")


async def test_a_contracts_wallet_pays_coin_to_nobody_but_itself(
    local_chain: OnChain, harness: Harness, wallets: LinkedWallets
) -> None:
    safe = SafeWallet.create(local_chain.chain.node)
    wallets.link(safe.address, WalletKind.CONTRACT)
    order = {"tokenIn": local_chain["USDC"], "tokenOut": NATIVE, "amount": str(10**8)}
    refused = await prepare(harness, safe.address, order, recipient=local_chain.accounts[9])
    assert [(issue["path"][-1], issue["code"]) for issue in refused["issues"]] == [
        ("recipient", "CANNOT_BE_SHOWN")
    ]
