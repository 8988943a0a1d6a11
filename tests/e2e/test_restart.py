"""A laptop that loses power between CONFIRMED and FINALIZED: started again, everything goes on where it was."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.e2e.graphql_client import PATIENCE, Following
from tests.e2e.stack import running
from tests.e2e.trader import Trader, stands
from tests.e2e.witness import COIN, Witness
from tests.wallets.eoa import EoaWallet
from tests.wallets.wallet import node_at

pytestmark = [pytest.mark.onchain, pytest.mark.dynamodb_local]

USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
AMOUNT = 10**16


def saved_again(state: Path) -> None:
    """Wait until the chain is on disk as it is now; it is written every two seconds."""
    file = state / "chain" / "state.json"
    began, deadline = time.time(), time.monotonic() + PATIENCE
    while not file.exists() or file.stat().st_mtime <= began:
        assert time.monotonic() < deadline, "the chain is not written"
        time.sleep(0.05)
    time.sleep(0.5)  # it is written in place: this lets it end


def swap_confirmed(trader: Trader, action: Any) -> tuple[str, str]:
    """Make the swap, follow it to CONFIRMED: the cursor there, and the raw transaction."""
    with trader.follow(action) as following:
        following.until(stands("AWAITING_USER"))
        trader.carry_through(action)
        cursor = following.until(stands("CONFIRMED"))["cursor"]
    assert isinstance(trader.wallet, EoaWallet)
    return cursor, str(trader.wallet.node.rpc("eth_getRawTransactionByHash", trader.sent[-1]))


def test_confirmed_swaps_become_final_after_everything_was_killed(tmp_path: Path) -> None:
    """Of two, the chain has written only the first to disk when the power fails: it is shorter than what is known."""
    kept = tmp_path / "state-as-kept.json"
    with running(tmp_path) as stack, stack.reading(), node_at(stack.chain_url) as node:
        stack.wait_for_demo()
        ada, bob = (Trader.sign_in(stack.port, EoaWallet.create(node)) for _ in range(2))
        node.rpc("anvil_mine", "0x1")
        node.rpc(
            "evm_setAutomine", True
        )  # blocks come with transactions only: nothing becomes final by itself
        first, second = (one.prepare(COIN, USDC, AMOUNT) for one in (ada, bob))
        behind_first, _ = swap_confirmed(ada, first)
        saved_again(tmp_path)
        shutil.copy(tmp_path / "chain" / "state.json", kept)
        behind_second, lost = swap_confirmed(bob, second)
        stack.kill()
    shutil.copy(kept, tmp_path / "chain" / "state.json")

    with running(tmp_path) as again, again.reading(), node_at(again.chain_url) as node:
        assert "starts anew" not in again.said
        ada.client, bob.client = (one.client.at(again.port) for one in (ada, bob))
        with (
            ada.follow(first, after=behind_first) as of_first,
            bob.follow(second, after=behind_second) as of_second,
        ):
            of_first.until(stands("FINALIZED"))
            of_second.until(stands("SUBMITTED"))
            node.rpc("eth_sendRawTransaction", lost)
            of_second.until(stands("FINALIZED"))
        assert shown(of_first) == [("FINALIZED", 0)]
        assert shown(of_second) == [("SUBMITTED", 1), ("CONFIRMED", 1), ("FINALIZED", 1)]
        with requests.Session() as session:
            witness = Witness.of(again.chain_url, session)
            for one in (ada, bob):
                (swap,) = one.swaps()
                assert swap["block"]["hash"] == witness.receipt(one.sent[-1])["blockHash"].to_0x_hex()
                held = witness.held(one.wallet.address, USDC)
                assert int(swap["amountOut"]["raw"]) == held == one.balances(USDC)[0][0]


def shown(following: Following) -> list[tuple[str, int]]:
    """What was seen of an action, each state once."""
    return list(dict.fromkeys((seen["node"]["status"], seen["node"]["revision"]) for seen in following.seen))
