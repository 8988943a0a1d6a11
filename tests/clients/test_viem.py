"""npm's viem as the wallet, and graphql-ws to follow along: the main job without a line of ours in between."""

from __future__ import annotations

import json
import subprocess
from typing import Any, Final

import pytest

from colonnade.evm import parse_address
from infra.local import toolchain
from infra.local.chain import Node
from tests.clients.conftest import PATIENCE, ROOT
from tests.e2e.stack import Running
from tests.wallets.eoa import EoaWallet

pytestmark = pytest.mark.onchain

COIN: Final = "0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE"
WETH: Final = "0x4200000000000000000000000000000000000006"
USDC: Final = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913"
TRANSFER: Final = "function transfer(address to, uint256 amount) returns (bool)"


def session(stack: Running, wallet: EoaWallet, *arguments: str) -> Any:
    """What the script tells at its end."""
    key = "0x" + bytes(wallet.key.key).hex()
    script = [str(toolchain.node()), "tests/clients/wallet.mjs"]
    command = [*script, str(stack.port), stack.chain_url, key, *arguments]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.parametrize(
    ("sold", "bought", "amount", "authorization", "steps"),
    [
        (COIN, USDC, 10**16, "none", ["SendCallsStep"]),
        (USDC, WETH, 25_000_000, "PERMIT", ["SignTypedDataStep", "SendCallsStep"]),
        (WETH, USDC, 10**16, "PERMIT2", ["SendCallsStep", "SignTypedDataStep", "SendCallsStep"]),
    ],
    ids=["coin", "permit", "Permit2"],
)
def test_viem_signs_and_sends_what_is_prepared_until_it_is_final(
    local_stack: Running,
    stack_node: Node,
    sold: str,
    bought: str,
    amount: int,
    authorization: str,
    steps: list[str],
) -> None:
    wallet = EoaWallet.create(stack_node)
    if sold != COIN:
        rich = stack_node.accounts()[4]  # the first two make the demo's swaps
        stack_node.send(rich, parse_address(sold), TRANSFER, wallet.address, amount)
    told = session(local_stack, wallet, sold, bought, str(amount), authorization)
    assert told["kinds"] == steps
    assert list(dict.fromkeys(told["seen"])) == ["AWAITING_USER", "CONFIRMED", "FINALIZED"]

    (held,) = stack_node.call(
        parse_address(bought), "function balanceOf(address) view returns (uint256)", wallet.address
    )
    assert held > 0
    assert len(told["batches"]) == steps.count("SendCallsStep") == len(told["sent"])
    for batch, transaction in zip(told["batches"], told["sent"], strict=True):
        mined = stack_node.rpc("eth_getTransactionByHash", transaction)
        (call,) = batch["calls"]
        assert batch["atomicRequired"] is False
        assert (batch["chainId"], batch["from"]) == ("0x2105", wallet.address)
        assert (call["to"].lower(), call["data"]) == (mined["to"], mined["input"])
        assert int(call.get("value", "0x0"), 16) == int(mined["value"], 16)
