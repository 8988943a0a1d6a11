"""viem, which wallets and pages use: it signs what is prepared so that contracts take it, and reads the same calldata."""

from __future__ import annotations

import json
import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from colonnade.actions import SendCalls, SignTypedData
from colonnade.actions.loading import owned_action
from colonnade.chains import BASE
from colonnade.testing.harness import Harness
from infra.rpc import ChainSettings, JsonRpcChains
from plugins.trading.execution.proof import advance_swap
from plugins.trading.execution.terms import SwapTerms
from tests.fixtures.local_chain import OnChain
from tests.onchain.prepared_swaps import LinkedWallets, calls_of, prepare, swap_harness
from tests.onchain.swap_desk import carry_out, held, wallet

pytestmark = pytest.mark.onchain

ROOT: Final = Path(__file__).parents[2]
TRADER: Final = wallet(1)
SCRIPT: Final = """
import { readFileSync } from 'node:fs'
import { decodeFunctionData, parseAbi } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
const { key, sign, calldata } = JSON.parse(readFileSync(0, 'utf8'))
const abi = parseAbi([
  'function multicall(uint256 deadline, bytes[] data) payable returns (bytes[])',
  'function exactInputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 amountIn, uint256 amountOutMinimum, uint160 sqrtPriceLimitX96) params) payable returns (uint256)',
  'function selfPermitIfNecessary(address token, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) payable',
  'function execute(bytes commands, bytes[] inputs, uint256 deadline) payable',
  'function approve(address spender, uint256 amount) returns (bool)',
])
const account = privateKeyToAccount(key)
const text = (_, value) => (typeof value === 'bigint' ? value.toString() : value)
process.stdout.write(JSON.stringify({
  signatures: await Promise.all(sign.map((data) => account.signTypedData(data))),
  decoded: calldata.map((data) => decodeFunctionData({ abi, data })),
}, text))
"""


def viem(sign: list[Mapping[str, Any]], calldata: list[bytes]) -> dict[str, Any]:
    """Signatures of typed data, and what calldata says, by viem."""
    asked = {
        "key": "0x" + bytes(TRADER.key).hex(),
        "sign": sign,
        "calldata": ["0x" + data.hex() for data in calldata],
    }
    ran = subprocess.run(
        ["node", "--input-type=module", "-e", SCRIPT],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


@pytest.fixture
async def harness(local_chain: OnChain, chain_snapshot: None) -> AsyncIterator[Harness]:
    local_chain.mine()
    chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    wallets = LinkedWallets()
    wallets.link(local_chain.accounts[1])
    yield swap_harness(local_chain, chains, wallets)
    chains.close()


@pytest.mark.parametrize(("sold", "authorization"), [("USDC", "PERMIT"), ("WETH", "PERMIT2")])
async def test_contracts_take_what_viem_signs(
    local_chain: OnChain, harness: Harness, sold: str, authorization: str
) -> None:
    account, amount = local_chain.accounts[1], 10**8
    bought = "WETH" if sold == "USDC" else "USDC"
    order = {"tokenIn": local_chain[sold], "tokenOut": local_chain[bought], "amount": str(amount * 10**6)}
    if sold == "USDC":
        order["amount"] = str(amount)
    action = await prepare(harness, account, order, authorization=authorization)
    kept = await owned_action(harness.context(), action["id"])
    (index,) = (i for i, step in enumerate(kept.steps) if isinstance(step, SignTypedData))
    step = kept.steps[index]
    assert isinstance(step, SignTypedData)
    (signature,) = viem([step.typed_data], [])["signatures"]
    (filled,) = await advance_swap(harness.context(), kept, index, bytes.fromhex(signature[2:]))
    assert isinstance(filled, SendCalls)
    for call in await calls_of(harness, action):
        carry_out(local_chain, account, call)
    before = held(local_chain, account, local_chain[sold])
    carry_out(local_chain, account, filled.calls[-1])
    assert before - held(local_chain, account, local_chain[sold]) == int(order["amount"])
    (told,) = viem([], [filled.calls[-1].data])["decoded"]
    assert told["functionName"] == ("multicall" if authorization == "PERMIT" else "execute")


async def test_viem_reads_the_bounds_that_were_prepared(local_chain: OnChain, harness: Harness) -> None:
    account = local_chain.accounts[1]
    # These two have one pool, and so one route.
    order = {"tokenIn": local_chain["cbETH"], "tokenOut": local_chain["WETH"], "amount": str(10**17)}
    action = await prepare(harness, account, order, authorization="APPROVE")
    terms = SwapTerms.of((await owned_action(harness.context(), action["id"])).details["terms"])  # type: ignore[arg-type]
    approve, swap = await calls_of(harness, action)
    approval, multicall = viem([], [approve.data, swap.data])["decoded"]
    assert approval == {"functionName": "approve", "args": [local_chain["SwapRouter02"], str(10**17)]}
    deadline, (inner,) = multicall["args"]
    assert (multicall["functionName"], deadline) == ("multicall", str(terms.deadline))
    (exact,) = viem([], [bytes.fromhex(inner[2:])])["decoded"]
    (hop,) = terms.hops
    assert exact == {
        "functionName": "exactInputSingle",
        "args": [
            {
                "tokenIn": hop.token_in,
                "tokenOut": hop.token_out,
                "fee": hop.fee_pips,
                "recipient": account,
                "amountIn": str(10**17),
                "amountOutMinimum": str(terms.minimum_out),
                "sqrtPriceLimitX96": "0",
            }
        ],
    }
