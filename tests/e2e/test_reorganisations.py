"""A reorganisation after CONFIRMED, as the client sees it: back to SUBMITTED, and from there to one end or another."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from colonnade.actions import PreparedCall
from colonnade.evm import parse_address
from infra.local.chain import Node
from tests.e2e.graphql_client import PATIENCE, Following
from tests.e2e.stack import Running, running
from tests.e2e.trader import Trader, stands
from tests.e2e.witness import COIN, Witness
from tests.wallets.eoa import EoaWallet
from tests.wallets.kinds import KINDS
from tests.wallets.wallet import Wallet, fund, node_at

pytestmark = pytest.mark.onchain

Traders = Callable[..., Trader]
AMOUNT = 10**16


@pytest.fixture(scope="module")
def local_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A stack whose chain stands still between transactions: no block is final before a test is done with it."""
    with running(tmp_path_factory.mktemp("stack")) as stack, stack.reading() as said:
        stack.wait_for_demo()
        with node_at(stack.chain_url) as node:
            node.rpc("evm_setAutomine", True)
        yield stack
        assert not [line for line in said if "Traceback" in line], "".join(said)


def swap_once(trader: Trader, node: Node, following: Following, action: Any, prove_by: str) -> str:
    """Send and prove a prepared swap, see it in the list, and give its raw transaction."""
    node.rpc("anvil_mine", "0x1")  # a reorganisation keeps what the wallets were given
    done = trader.carry_through(action, prove_by)
    assert done["status"] == "CONFIRMED"
    assert following.until(stands("CONFIRMED"))["node"]["revision"] == 0
    eventually(lambda: [swap["transactionHash"] for swap in trader.swaps()] == trader.sent)
    return str(node.rpc("eth_getRawTransactionByHash", trader.sent[-1]))


def eventually(done: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def unrelated(node: Node) -> str:
    """A transaction that nobody has seen yet, so that the block that gets it has another hash."""
    stranger = EoaWallet.create(node)
    node.rpc("anvil_mine", "0x1")
    return "0x" + stranger.signed(PreparedCall(stranger.address, b"")).hex()


@pytest.mark.parametrize(
    ("kind", "prove_by"), [("key", "txHash"), ("Safe", "txHash"), ("passkey", "userOpHash")]
)
def test_a_swap_that_was_taken_back_and_is_sent_again_becomes_final(
    trader: Traders, stack_node: Node, witness: Witness, tokens: dict[str, str], kind: str, prove_by: str
) -> None:
    make: Callable[[Node], Wallet] = KINDS[kind]
    ada, usdc, other = trader(make), tokens["USDC"], unrelated(stack_node)
    action = ada.prepare(COIN, usdc, AMOUNT)
    with ada.follow(action) as following:
        raw = swap_once(ada, stack_node, following, action, prove_by)
        before = witness.receipt(ada.sent[-1])["blockHash"].to_0x_hex()
        stack_node.rpc("anvil_reorg", 1, [[other, 0]])
        assert following.until(stands("SUBMITTED"))["node"]["revision"] == 1
        eventually(lambda: ada.swaps() == [])
        assert ada.balances(usdc)[0] == [witness.held(ada.wallet.address, usdc)] == [0]

        stack_node.rpc("eth_sendRawTransaction", raw)
        assert following.until(stands("CONFIRMED"))["node"]["revision"] == 1
        stack_node.rpc("anvil_mine", "0x2")
        assert following.until(stands("FINALIZED"))["node"]["revision"] == 1
    (swap,) = ada.swaps()
    assert swap["block"]["hash"] == witness.receipt(ada.sent[-1])["blockHash"].to_0x_hex() != before
    assert swap["block"]["finality"] == "FINALIZED"
    held = witness.held(ada.wallet.address, usdc)
    assert ada.balances(usdc)[0] == [held] == [int(swap["amountOut"]["raw"])]


def test_a_swap_whose_place_another_transaction_took_has_failed(
    trader: Traders, stack_node: Node, witness: Witness, tokens: dict[str, str]
) -> None:
    ada, usdc = trader(EoaWallet.create), tokens["USDC"]
    assert isinstance(ada.wallet, EoaWallet)
    replacement = "0x" + ada.wallet.signed(PreparedCall(ada.wallet.address, b"")).hex()
    action = ada.prepare(COIN, usdc, AMOUNT)
    with ada.follow(action) as following:
        swap_once(ada, stack_node, following, action, "txHash")
        stack_node.rpc("anvil_reorg", 1, [[replacement, 0]])
        assert following.until(stands("SUBMITTED"))["node"]["revision"] == 1
        stack_node.rpc("anvil_mine", "0x1")
        failed = following.until(stands("FAILED"))["node"]
    assert (failed["revision"], failed["failure"]["code"]) == (1, "REPLACED")
    eventually(lambda: ada.swaps() == [])
    assert ada.balances(usdc)[0] == [witness.held(ada.wallet.address, usdc)] == [0]


def test_a_swap_that_reverts_in_the_block_that_counts_has_failed(
    trader: Traders, stack_node: Node, witness: Witness, tokens: dict[str, str]
) -> None:
    ada, whale, cbeth = trader(EoaWallet.create), trader(EoaWallet.create), tokens["cbETH"]
    assert isinstance(whale.wallet, EoaWallet)
    fund(stack_node, parse_address(whale.wallet.address), 10**21)
    action = ada.prepare(COIN, cbeth, AMOUNT, slippageBps=1)
    large = whale.prepare(COIN, cbeth, 100 * 10**18, maxPriceImpactBps=10_000)["steps"][0]["calls"][0]
    first = PreparedCall(parse_address(large["to"]), bytes.fromhex(large["data"][2:]), int(large["value"]))
    with ada.follow(action) as following:
        raw = swap_once(ada, stack_node, following, action, "txHash")
        stack_node.rpc("anvil_reorg", 1, [["0x" + whale.wallet.signed(first).hex(), 0], [raw, 0]])
        failed = following.until(stands("FAILED"))["node"]
    assert (failed["revision"], failed["failure"]["code"]) == (1, "REVERTED")
    assert witness.receipt(ada.sent[-1])["status"] == 0
    eventually(lambda: ada.swaps() == [])
    assert ada.balances(cbeth)[0] == [witness.held(ada.wallet.address, cbeth)] == [0]


def test_a_swap_that_only_moved_to_another_block_stays_confirmed_in_a_new_revision(
    trader: Traders, stack_node: Node, witness: Witness, tokens: dict[str, str]
) -> None:
    ada, usdc, other = trader(EoaWallet.create), tokens["USDC"], unrelated(stack_node)
    action = ada.prepare(COIN, usdc, AMOUNT)
    with ada.follow(action) as following:
        raw = swap_once(ada, stack_node, following, action, "txHash")
        stack_node.rpc("anvil_reorg", 1, [[other, 0], [raw, 0]])
        moved = following.until(lambda message: message["node"]["revision"] == 1)
        assert moved["node"]["status"] == "CONFIRMED"
        eventually(lambda: len(ada.swaps()) == 1)
        stack_node.rpc("anvil_mine", "0x2")
        assert following.until(stands("FINALIZED"))["node"]["revision"] == 1
    (swap,) = ada.swaps()
    assert swap["block"]["hash"] == witness.receipt(ada.sent[-1])["blockHash"].to_0x_hex()
    assert int(swap["amountOut"]["raw"]) == witness.held(ada.wallet.address, usdc)
