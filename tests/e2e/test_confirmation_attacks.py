"""What does not prove a swap, on the real chain and through the whole stack."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from colonnade.actions import PreparedCall
from colonnade.evm import Function, parse_address
from infra.local.chain import Node
from tests.e2e.forger import place_forger, repeated
from tests.e2e.trader import Trader, calls_of, stands
from tests.e2e.witness import COIN, Witness
from tests.wallets.bundler import Bundler
from tests.wallets.eoa import EoaWallet
from tests.wallets.passkey_wallet import ENTRY_POINT, PasskeyWallet
from tests.wallets.wallet import fund

pytestmark = pytest.mark.onchain

Traders = Callable[..., Trader]
AMOUNT = 10**16
PROVED = {"CONFIRMED", "FINALIZED"}
"""What a proof has made of an action; blocks come by themselves, so it may be final by the time it is asked."""

MULTICALL = parse_address("0xcA11bde05977b3631167028862bE2a173976CA11")
AGGREGATE = Function.parse(
    "function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable"
)


def final(trader: Trader, action: dict[str, str], node: Node) -> None:
    """Wait until an action is final, with blocks that come at once."""
    with trader.follow(action) as following:
        node.rpc("anvil_mine", "0x3")
        following.until(stands("FINALIZED"))


def test_someone_elses_identical_swap_proves_nothing(
    trader: Traders, witness: Witness, tokens: dict[str, str]
) -> None:
    ada, bob = trader(EoaWallet.create), trader(EoaWallet.create)
    mine, theirs = (one.prepare(COIN, tokens["USDC"], AMOUNT) for one in (ada, bob))
    sent = bob.send(theirs["steps"][0])
    refused = ada.confirm(mine, txHash=sent.tx_hash)
    assert (refused["code"], refused["reason"]) == ("PROOF_REJECTED", "NOT_BY_THIS_ACCOUNT")
    assert ada.status(mine) == ("AWAITING_USER", 0)
    assert bob.confirm(theirs, txHash=sent.tx_hash)["status"] in PROVED
    assert ada.swaps() == []
    assert witness.held(ada.wallet.address, tokens["USDC"]) == 0


def test_someone_elses_action_cannot_be_confirmed_or_followed(
    trader: Traders, tokens: dict[str, str]
) -> None:
    ada, bob = trader(EoaWallet.create), trader(EoaWallet.create)
    action = ada.prepare(COIN, tokens["USDC"], AMOUNT)
    sent = ada.send(action["steps"][0])
    assert bob.confirm(action, txHash=sent.tx_hash)["code"] == "ACTION_NOT_FOUND"
    with bob.follow(action) as following, pytest.raises(AssertionError, match="ACTION_NOT_FOUND"):
        following.until(stands("CONFIRMED"))
    assert ada.confirm(action, txHash=sent.tx_hash)["status"] in PROVED


def test_one_transaction_proves_one_action(trader: Traders, stack_node: Node, tokens: dict[str, str]) -> None:
    ada = trader(EoaWallet.create)
    first, second = (ada.prepare(COIN, tokens["USDC"], AMOUNT) for _ in range(2))
    sent = ada.send(first["steps"][0])
    assert ada.confirm(first, txHash=sent.tx_hash)["status"] in PROVED
    assert ada.confirm(second, txHash=sent.tx_hash)["code"] == "PROOF_ALREADY_USED"
    final(ada, first, stack_node)
    assert ada.status(second) == ("AWAITING_USER", 0)
    assert [swap["transactionHash"] for swap in ada.swaps()] == [sent.tx_hash]


def test_a_reverted_swap_has_failed_and_says_why(
    trader: Traders, stack_node: Node, witness: Witness, tokens: dict[str, str]
) -> None:
    ada, whale = trader(EoaWallet.create), trader(EoaWallet.create)
    fund(stack_node, parse_address(whale.wallet.address), 10**21)
    action = ada.prepare(COIN, tokens["cbETH"], AMOUNT, slippageBps=1)
    large = whale.prepare(COIN, tokens["cbETH"], 100 * 10**18, maxPriceImpactBps=10_000)
    whale.send(large["steps"][0])
    sent = ada.wallet.send_calls(calls_of(action["steps"][0]))
    assert not sent.succeeded
    with ada.follow(action) as following:
        told = ada.confirm(action, txHash=sent.tx_hash)
        assert (told["status"], told["failure"]["code"]) == ("FAILED", "REVERTED")
        assert told["failure"]["message"].startswith("it reverted: ")
        shown = following.until(stands("FAILED"))
    assert shown["node"]["failure"]["message"] == told["failure"]["message"]
    assert ada.swaps() == []
    assert witness.held(ada.wallet.address, tokens["cbETH"]) == 0


def test_logs_that_look_like_a_swap_are_none(
    trader: Traders, stack_node: Node, tokens: dict[str, str]
) -> None:
    """The logs of a real swap, word for word, but from contracts that are neither the tokens nor the pool."""
    ada, bob = trader(EoaWallet.create), trader(EoaWallet.create)
    action = ada.prepare(COIN, tokens["USDC"], AMOUNT)
    real = bob.send(bob.prepare(COIN, tokens["USDC"], AMOUNT, recipient=ada.wallet.address)["steps"][0])
    logs = [log for log in stack_node.receipt(real.tx_hash)["logs"] if len(log["topics"]) == 3]
    assert len(logs) >= 3, "of both tokens, and of the pool"
    genuine = {log["address"] for log in logs}
    places = {address: place_forger(stack_node) for address in genuine}
    forged = [(places[log["address"]], False, repeated(log)) for log in logs]
    sent = ada.wallet.send_calls([PreparedCall(MULTICALL, AGGREGATE.encode(forged))])
    written = stack_node.receipt(sent.tx_hash)["logs"]
    assert [(log["topics"], log["data"]) for log in written] == [(log["topics"], log["data"]) for log in logs]

    refused = ada.confirm(action, txHash=sent.tx_hash)
    assert (refused["code"], refused["reason"]) == ("PROOF_REJECTED", "EFFECTS_NOT_SEEN")
    honest = ada.send(action["steps"][0])
    assert ada.confirm(action, txHash=honest.tx_hash)["status"] in PROVED
    final(ada, action, stack_node)
    assert [swap["transactionHash"] for swap in ada.swaps()] == [honest.tx_hash]


def test_strangers_in_a_bundle_swap_for_themselves_alone(
    trader: Traders, stack_node: Node, witness: Witness, tokens: dict[str, str]
) -> None:
    bundler = Bundler.create(stack_node)
    idle, busy = (trader(lambda node: PasskeyWallet.create(node, bundler)) for _ in range(2))
    actions = [one.prepare(COIN, tokens["USDC"], AMOUNT) for one in (idle, busy)]
    assert isinstance(idle.wallet, PasskeyWallet)
    assert isinstance(busy.wallet, PasskeyWallet)
    nothing = [PreparedCall(stack_node.accounts()[9], b"")]
    operations = [
        idle.wallet.operation(nothing),
        busy.wallet.operation(calls_of(actions[1]["steps"][0])),
    ]
    both = bundler.submit(ENTRY_POINT, operations)
    assert all(sent.succeeded for sent in both)
    transaction, own, theirs = both[0].tx_hash, both[0].user_op_hash or "", both[1].user_op_hash or ""

    assert idle.confirm(actions[0], txHash=transaction)["reason"] == "EFFECTS_NOT_SEEN"
    assert idle.confirm(actions[0], userOpHash=own)["reason"] == "EFFECTS_NOT_SEEN"
    assert idle.confirm(actions[0], userOpHash=theirs)["reason"] == "NOT_BY_THIS_ACCOUNT"
    assert busy.confirm(actions[1], userOpHash=theirs)["status"] in PROVED
    final(busy, actions[1], stack_node)
    assert idle.status(actions[0]) == ("AWAITING_USER", 0)
    assert idle.swaps() == []
    (swap,) = busy.swaps()
    assert int(swap["amountOut"]["raw"]) == witness.held(busy.wallet.address, tokens["USDC"])
