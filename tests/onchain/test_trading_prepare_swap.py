"""`prepareSwap` on the local Base: prepared over GraphQL, signed with a key, sent, and compared with the chain."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from colonnade.actions import SignTypedData
from colonnade.chains import BASE
from colonnade.errors import CallReverted
from colonnade.testing.harness import Harness
from infra.rpc import ChainSettings, JsonRpcChains, RequestStats
from plugins.trading.execution.permits import split_signature
from plugins.trading.networks import NATIVE
from tests.fixtures.local_chain import OnChain
from tests.onchain.prepared_swaps import (
    LinkedWallets,
    calls_of,
    follow,
    permitted_swap,
    prepare,
    steps_of,
    swap_harness,
)
from tests.onchain.swap_desk import ALLOWANCE, APPROVE, NETWORK, carry_out, held, sign, wallet

pytestmark = pytest.mark.onchain

TRADER = wallet(1)


@pytest.fixture
def requests() -> list[RequestStats]:
    """Every HTTP request to the node since the first, which asks for its chain id."""
    return []


@pytest.fixture
def wallets(local_chain: OnChain) -> LinkedWallets:
    linked = LinkedWallets()
    linked.link(local_chain.accounts[1])
    return linked


@pytest.fixture
async def harness(
    local_chain: OnChain, chain_snapshot: None, wallets: LinkedWallets, requests: list[RequestStats]
) -> AsyncIterator[Harness]:
    local_chain.mine()
    chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))], on_request=requests.append)
    await chains.reader(BASE).block()
    requests.clear()
    yield swap_harness(local_chain, chains, wallets)
    chains.close()


def order(chain: OnChain, sold: str, bought: str, amount: int, **more: Any) -> dict[str, Any]:
    address = {"ETH": NATIVE} | {name: chain[name] for name in (sold, bought) if name != "ETH"}
    return {"tokenIn": address[sold], "tokenOut": address[bought], "amount": str(amount), **more}


async def permit_of(harness: Harness, action: dict[str, Any]) -> Mapping[str, Any]:
    (found,) = [step for step in await steps_of(harness, action) if isinstance(step, SignTypedData)]
    return found.typed_data


def kinds(action: dict[str, Any]) -> list[str]:
    return [step["__typename"] for step in action["steps"]]


async def test_an_approval_and_a_swap_move_what_the_effects_say(
    local_chain: OnChain, harness: Harness
) -> None:
    account, weth, usdc = local_chain.accounts[1], local_chain["WETH"], local_chain["USDC"]
    action = await prepare(harness, account, order(local_chain, "WETH", "USDC", 10**18))
    assert action["__typename"] == "PreparedAction", action
    assert (action["kind"], action["status"], action["warnings"]) == ("SWAP", "AWAITING_USER", [])
    assert kinds(action) == ["SendCallsStep", "SendCallsStep"]
    paid, got = action["effects"]
    assert (paid["tokenAddress"], paid["minimum"]) == (weth, str(-(10**18)))
    before = held(local_chain, account, weth), held(local_chain, account, usdc)
    await follow(local_chain, harness, action, TRADER)
    assert before[0] - held(local_chain, account, weth) == 10**18
    gained = held(local_chain, account, usdc) - before[1]
    # The minimum is half a per cent below the quote, rounded up.
    assert int(got["minimum"]) == -(-gained * 9_950 // 10_000)
    assert (paid["simulated"], got["simulated"]) == (str(-(10**18)), str(gained))
    assert local_chain.call(weth, ALLOWANCE, account, local_chain["SwapRouter02"]) == (0,)


async def test_the_real_usdc_is_paid_with_its_own_permit_in_one_transaction(
    local_chain: OnChain, harness: Harness
) -> None:
    account, usdc = local_chain.accounts[1], local_chain["USDC"]
    action = await prepare(harness, account, order(local_chain, "USDC", "WETH", 500 * 10**6))
    assert kinds(action) == ["SignTypedDataStep", "SendCallsStep"]
    permit = action["steps"][0]["typedData"]
    assert permit["message"]["value"] == str(500 * 10**6)
    assert permit["domain"] == {
        "name": "USD Coin",
        "version": "2",
        "chainId": 8453,
        "verifyingContract": usdc,
    }
    assert action["steps"][1]["calls"] is None
    assert await calls_of(harness, action) == []
    before = held(local_chain, account, usdc)
    await follow(local_chain, harness, action, TRADER)
    assert before - held(local_chain, account, usdc) == 500 * 10**6
    assert local_chain.call(usdc, ALLOWANCE, account, local_chain["SwapRouter02"]) == (0,)


async def test_a_permit_that_somebody_hands_in_first_spoils_nothing(
    local_chain: OnChain, harness: Harness
) -> None:
    account, usdc = local_chain.accounts[1], local_chain["USDC"]
    action = await prepare(harness, account, order(local_chain, "USDC", "WETH", 500 * 10**6))
    typed_data = action["steps"][0]["typedData"]
    swap = await permitted_swap(harness, action, TRADER)
    local_chain.send(
        local_chain.accounts[5],
        usdc,
        "function permit(address, address, uint256, uint256, uint8, bytes32, bytes32)",
        account,
        local_chain["SwapRouter02"],
        500 * 10**6,
        int(typed_data["message"]["deadline"]),
        *split_signature(sign(TRADER, typed_data)),
    )
    before = held(local_chain, account, usdc)
    carry_out(local_chain, account, swap)
    assert before - held(local_chain, account, usdc) == 500 * 10**6


async def test_permit2_is_approved_exactly_signed_for_and_spent_to_nothing(
    local_chain: OnChain, harness: Harness
) -> None:
    account, weth = local_chain.accounts[1], local_chain["WETH"]
    asked = order(local_chain, "WETH", "USDC", 3 * 10**17)
    action = await prepare(harness, account, asked, authorization="PERMIT2")
    assert kinds(action) == ["SendCallsStep", "SignTypedDataStep", "SendCallsStep"]
    message = (await permit_of(harness, action))["message"]
    deadline = message["sigDeadline"]
    assert message["details"] == {
        "token": weth,
        "amount": str(3 * 10**17),
        "expiration": deadline,
        "nonce": "0",
    }
    before = held(local_chain, account, weth)
    await follow(local_chain, harness, action, TRADER)
    assert before - held(local_chain, account, weth) == 3 * 10**17
    assert local_chain.call(weth, ALLOWANCE, account, NETWORK.permit2) == (0,)
    left = "function allowance(address, address, address) view returns (uint160, uint48, uint48)"
    assert local_chain.call(NETWORK.permit2, left, account, weth, NETWORK.universal_router) == (
        0,
        int(deadline),
        1,
    )
    again = await prepare(harness, account, asked, authorization="PERMIT2")
    assert (await permit_of(harness, again))["message"]["details"]["nonce"] == "1"


async def test_an_allowance_that_is_enough_needs_no_step(local_chain: OnChain, harness: Harness) -> None:
    account = local_chain.accounts[1]
    local_chain.send(account, local_chain["USDC"], APPROVE, local_chain["SwapRouter02"], 500 * 10**6)
    for authorization in (None, "APPROVE", "PERMIT"):
        asked = order(local_chain, "USDC", "WETH", 500 * 10**6)
        action = await prepare(harness, account, asked, authorization=authorization)
        assert kinds(action) == ["SendCallsStep"], authorization
        assert len(action["steps"][0]["calls"]) == 1


async def test_an_allowance_that_is_too_small_is_taken_back_first(
    local_chain: OnChain, harness: Harness
) -> None:
    account, router = local_chain.accounts[1], local_chain["SwapRouter02"]
    local_chain.send(account, local_chain["WETH"], APPROVE, router, 5)
    action = await prepare(harness, account, order(local_chain, "WETH", "USDC", 10**17))
    assert kinds(action) == ["SendCallsStep"] * 3
    reset, approve, _ = await calls_of(harness, action)
    carry_out(local_chain, account, reset)
    assert local_chain.call(local_chain["WETH"], ALLOWANCE, account, router) == (0,)
    carry_out(local_chain, account, approve)
    assert local_chain.call(local_chain["WETH"], ALLOWANCE, account, router) == (10**17,)


async def test_coin_is_sent_along_and_paid_out(local_chain: OnChain, harness: Harness) -> None:
    account, other = local_chain.accounts[1], local_chain.accounts[9]
    bought = await prepare(
        harness, account, order(local_chain, "ETH", "USDC", 10**9, tradeType="EXACT_OUTPUT"), recipient=other
    )
    assert kinds(bought) == ["SendCallsStep"]
    assert [warning["code"] for warning in bought["warnings"]] == ["OTHER_RECIPIENT"]
    before = held(local_chain, account, NATIVE), held(local_chain, other, local_chain["USDC"])
    gas = await follow(local_chain, harness, bought, TRADER)
    assert held(local_chain, other, local_chain["USDC"]) - before[1] == 10**9
    spent = before[0] - held(local_chain, account, NATIVE) - gas
    assert 0 < spent <= (await calls_of(harness, bought))[0].value
    assert int(bought["effects"][0]["minimum"]) == -(spent * 10_050 // 10_000)

    sold = await prepare(harness, account, order(local_chain, "USDC", "ETH", 10**9), recipient=other)
    before_coin = held(local_chain, other, NATIVE)
    await follow(local_chain, harness, sold, TRADER)
    assert held(local_chain, other, NATIVE) - before_coin >= int(sold["effects"][1]["minimum"])


async def test_preparing_takes_two_round_trips(
    local_chain: OnChain, harness: Harness, requests: list[RequestStats]
) -> None:
    account = local_chain.accounts[1]
    for asked, way in (
        (order(local_chain, "WETH", "USDC", 10**17), None),
        (order(local_chain, "EURC", "cbBTC", 10**8), "PERMIT2"),
        (order(local_chain, "ETH", "cbBTC", 10**8, tradeType="EXACT_OUTPUT"), None),
    ):
        requests.clear()
        await prepare(harness, account, asked, authorization=way)
        reading, *trying = requests
        assert "eth_call" in reading.methods
        assert [request.methods for request in trying] == [("eth_simulateV1",)]


async def test_a_swap_that_is_tried_out_follows_the_state_of_the_newest_block(
    local_chain: OnChain, harness: Harness
) -> None:
    account = local_chain.accounts[1]
    asked = order(local_chain, "WETH", "USDC", 10**18)
    first = await prepare(harness, account, asked)
    await follow(local_chain, harness, first, TRADER)
    second = await prepare(harness, account, asked)
    least = [int(action["effects"][1]["minimum"]) for action in (first, second)]
    assert least[1] < least[0]


async def test_a_swap_that_the_market_has_left_reverts_and_costs_no_tokens(
    local_chain: OnChain, harness: Harness, wallets: LinkedWallets
) -> None:
    account, stranger = local_chain.accounts[1], local_chain.accounts[2]
    wallets.link(stranger)
    mine = await prepare(harness, account, order(local_chain, "ETH", "DAI", 10**17), slippageBps=1)
    theirs = await prepare(
        harness, stranger, order(local_chain, "ETH", "DAI", 50 * 10**18), slippageBps=2_000
    )
    assert theirs["__typename"] == "PreparedAction", theirs
    await follow(local_chain, harness, theirs, wallet(2))
    with pytest.raises(CallReverted, match="Too little received"):
        carry_out(local_chain, account, (await calls_of(harness, mine))[0])
