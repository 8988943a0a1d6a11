"""What works beside the gateway is killed: another process takes over, and whoever follows a swap sees it through."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.stack import Running, gone, running
from tests.e2e.trader import Trader, stands
from tests.e2e.witness import COIN
from tests.wallets.eoa import EoaWallet
from tests.wallets.wallet import node_at

pytestmark = [pytest.mark.onchain, pytest.mark.dynamodb_local]

USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"


def workers_of(stack: Running) -> list[int]:
    """The processes that work in the background, without those that guard them."""
    found = []
    for pid in stack.descendants():
        shown = subprocess.run(
            ["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False
        )
        if "-m handlers.workers" in shown.stdout and "guardian" not in shown.stdout:
            found.append(pid)
    return found


def test_another_process_takes_over_from_one_that_was_killed(tmp_path: Path) -> None:
    with running(tmp_path) as stack, node_at(stack.chain_url) as node:
        with stack.reading() as lines:
            stack.wait_for_demo()
            (killed,) = workers_of(stack)
            os.kill(killed, signal.SIGKILL)
            trader = Trader.sign_in(stack.port, EoaWallet.create(node))
            action = trader.prepare(COIN, USDC, 10**16)
            with trader.follow(action) as following:
                following.until(stands("AWAITING_USER"))
                trader.carry_through(action)
                following.until(stands("CONFIRMED"))
            (successor,) = workers_of(stack)
            assert successor != killed
            stack.process.send_signal(signal.SIGTERM)
            stack.process.wait(60)
            assert gone({successor})
        assert sum("begun again" in line for line in lines) == 1
        assert not any("Traceback" in line for line in lines)
