"""The main job, from a wallet to finality, as a client of the whole stack does it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import pytest

from infra.local.chain import Node
from tests.e2e.trader import Trader, stands
from tests.e2e.witness import COIN, Witness
from tests.wallets.eoa import EoaWallet
from tests.wallets.kinds import KINDS
from tests.wallets.wallet import Wallet, has_code

pytestmark = pytest.mark.onchain

AMOUNT: Final = {"USDC": 25_000_000, "WETH": 10**16, "ETH": 10**16}
_PRICE: Final = """
query ($input: SwapPriceInput!) {
  swapPrice(input: $input) { ... on SwapPrice { amountOut { raw } } }
}
"""


def price(trader: Trader, token_in: str, token_out: str, amount: int) -> int:
    """What `swapPrice` says the amount brings."""
    given = {"tokenIn": token_in, "tokenOut": token_out, "amount": str(amount)}
    return int(trader.client.ask(_PRICE, input=given)["swapPrice"]["amountOut"]["raw"])


def do_the_job(
    trader: Trader,
    witness: Witness,
    token_in: str,
    token_out: str,
    amount: int,
    prove_by: str = "txHash",
    hasten: Callable[[], object] = lambda: None,
    **more: Any,
) -> None:
    """From the price to finality, compared with what web3 reads before and after.

    `hasten`: done at CONFIRMED, so that blocks come at once; they come by themselves too, every two seconds.
    """
    account = trader.wallet.address
    priced = price(trader, token_in, token_out, amount)
    action = trader.prepare(token_in, token_out, amount, **more)
    before = {token: witness.held(account, token) for token in (token_in, token_out)}
    with trader.follow(action) as following:
        following.until(stands("AWAITING_USER"))
        trader.carry_through(action, prove_by)
        following.until(stands("CONFIRMED"))
        hasten()
        following.until(stands("FINALIZED"))
    shown = list(dict.fromkeys((seen["node"]["status"], seen["node"]["revision"]) for seen in following.seen))
    assert shown == [("AWAITING_USER", 0), ("CONFIRMED", 0), ("FINALIZED", 0)]
    assert len({seen["cursor"] for seen in following.seen}) == len(following.seen)

    after = {token: witness.held(account, token) for token in (token_in, token_out)}
    change = {token: after[token] - before[token] for token in after}
    if COIN in change:
        change[COIN] += witness.gas_paid(account, trader.sent)
    assert change[token_in] == -amount
    assert priced * 995 // 1000 <= change[token_out] <= priced * 1001 // 1000

    (swap,) = trader.swaps()
    assert swap["account"] == account
    assert swap["transactionHash"] == trader.sent[-1]
    assert swap["amountIn"] == {"raw": str(-change[token_in]), "token": {"address": token_in}}
    assert swap["amountOut"] == {"raw": str(change[token_out]), "token": {"address": token_out}}
    receipt = witness.receipt(trader.sent[-1])
    assert swap["block"] == {
        "number": str(receipt["blockNumber"]),
        "hash": receipt["blockHash"].to_0x_hex(),
        "finality": "FINALIZED",
    }
    kept = [token for token in (token_in, token_out) if token != COIN]
    told, block = trader.balances(*kept)
    assert told == [witness.held(account, token, block) for token in kept] == [after[t] for t in kept]


@pytest.mark.parametrize(
    ("sold", "bought", "authorization"),
    [
        ("WETH", "USDC", "APPROVE"),
        ("USDC", "WETH", "PERMIT"),
        ("WETH", "USDC", "PERMIT2"),
        ("ETH", "USDC", None),
        ("USDC", "ETH", None),
    ],
)
def test_a_keys_swap_becomes_final(
    trader: Callable[..., Trader],
    witness: Witness,
    tokens: dict[str, str],
    sold: str,
    bought: str,
    authorization: str | None,
) -> None:
    holding = {} if sold == "ETH" else {sold: AMOUNT[sold]}
    one = trader(EoaWallet.create, **holding)
    address = {**tokens, "ETH": COIN}
    more: dict[str, Any] = {} if authorization is None else {"authorization": authorization}
    do_the_job(one, witness, address[sold], address[bought], AMOUNT[sold], **more)


@pytest.mark.parametrize(
    ("kind", "sold", "bought", "prove_by"),
    [
        ("Safe", "USDC", "WETH", "txHash"),
        ("Safe", "ETH", "USDC", "txHash"),
        ("counterfactual Safe", "USDC", "ETH", "txHash"),
        ("passkey", "USDC", "WETH", "userOpHash"),
        ("passkey", "ETH", "USDC", "txHash"),
        ("counterfactual passkey", "USDC", "ETH", "userOpHash"),
        ("counterfactual passkey", "WETH", "USDC", "txHash"),
    ],
)
def test_a_smart_wallets_swap_becomes_final(
    trader: Callable[..., Trader],
    witness: Witness,
    stack_node: Node,
    tokens: dict[str, str],
    kind: str,
    sold: str,
    bought: str,
    prove_by: str,
) -> None:
    make: Callable[[Node], Wallet] = KINDS[kind]
    one = trader(make, **({} if sold == "ETH" else {sold: AMOUNT[sold]}))
    assert has_code(stack_node, one.wallet.address) == (not kind.startswith("counterfactual"))
    address = {**tokens, "ETH": COIN}
    mine = partial(stack_node.rpc, "anvil_mine", "0x2")
    do_the_job(one, witness, address[sold], address[bought], AMOUNT[sold], prove_by, mine)
    assert has_code(stack_node, one.wallet.address), "its first operation deployed it"
