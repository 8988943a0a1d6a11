"""What `prepareSwap` refuses and warns of, tried against real contracts; contract wallets; and what it costs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from colonnade.batched_reader import BatchedReader
from colonnade.chains import BASE
from colonnade.errors import SimulationUnsupported, Unauthenticated
from colonnade.evm import Address, parse_address
from colonnade.permissions import Principal
from colonnade.store import Item, Key, Page, Query, Writes
from colonnade.testing.harness import Harness
from colonnade.wallets import WalletKind
from infra.local.chain.artifacts import load
from infra.rpc import ChainSettings, JsonRpcChains
from plugins.trading.networks import NATIVE
from tests.fixtures.local_chain import OnChain
from tests.onchain.prepared_swaps import LinkedWallets, calls_of, follow, prepare, swap_harness
from tests.onchain.random_pools import SUPPLY, create_pair, deploy_token
from tests.onchain.swap_desk import ALLOWANCE, held, wallet
from tests.wallets.safe import SafeWallet

pytestmark = pytest.mark.onchain

TRANSFER = "function transfer(address, uint256) returns (bool)"


@pytest.fixture
def wallets(local_chain: OnChain) -> LinkedWallets:
    linked = LinkedWallets()
    linked.link(local_chain.accounts[0])
    return linked


@pytest.fixture
async def harness(
    local_chain: OnChain, chain_snapshot: None, wallets: LinkedWallets
) -> AsyncIterator[Harness]:
    local_chain.mine()
    chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    yield swap_harness(local_chain, chains, wallets)
    chains.close()


def taxed_token(chain: OnChain) -> Address:
    """A token that burns one per cent of each transfer, all of it held by the first account."""
    code = load("@uniswap/v2-periphery/build/DeflatingERC20.json").linked({}) + SUPPLY.to_bytes(32, "big")
    creation = {"from": chain.accounts[0], "data": "0x" + code.hex(), "gas": hex(5_000_000)}
    receipt = chain.chain.node.receipt(chain.rpc("eth_sendTransaction", creation))
    return parse_address(receipt["contractAddress"])


def order(token_in: Address, token_out: Address, amount: int, **more: Any) -> dict[str, Any]:
    return {"tokenIn": token_in, "tokenOut": token_out, "amount": str(amount), **more}


@pytest.mark.parametrize("sold", ["WETH", "ETH"])
async def test_a_safe_gets_one_batch_that_approves_exactly_and_swaps(
    local_chain: OnChain, harness: Harness, wallets: LinkedWallets, sold: str
) -> None:
    safe = SafeWallet.create(local_chain.chain.node)
    wallets.link(safe.address, WalletKind.CONTRACT)
    weth, usdc = local_chain["WETH"], local_chain["USDC"]
    local_chain.send(local_chain.accounts[0], weth, TRANSFER, safe.address, 10**18)
    paid_with = weth if sold == "WETH" else NATIVE
    action = await prepare(harness, safe.address, order(paid_with, usdc, 10**18))
    assert action["__typename"] == "PreparedAction", action
    (step,) = action["steps"]
    assert step["atomicRequired"] is (sold == "WETH")
    assert len(step["calls"]) == (2 if sold == "WETH" else 1)
    before = held(local_chain, safe.address, paid_with)
    assert safe.send_calls(await calls_of(harness, action)).succeeded
    assert before - held(local_chain, safe.address, paid_with) == 10**18
    assert held(local_chain, safe.address, usdc) >= int(action["effects"][1]["minimum"])
    assert local_chain.call(weth, ALLOWANCE, safe.address, local_chain["SwapRouter02"]) == (0,)


@pytest.mark.parametrize("authorization", ["PERMIT", "PERMIT2"])
async def test_a_contract_is_asked_for_no_permit(
    local_chain: OnChain, harness: Harness, wallets: LinkedWallets, authorization: str
) -> None:
    account = local_chain.accounts[3]
    wallets.link(account, WalletKind.CONTRACT)
    asked = order(local_chain["USDC"], local_chain["WETH"], 10**6)
    refused = await prepare(harness, account, asked, authorization=authorization)
    assert (refused["code"], refused["path"]) == ("AUTHORIZATION_UNAVAILABLE", ["input", "authorization"])


async def test_a_token_without_permits_takes_none(local_chain: OnChain, harness: Harness) -> None:
    asked = order(local_chain["WETH"], local_chain["USDC"], 10**15)
    refused = await prepare(harness, local_chain.accounts[0], asked, authorization="PERMIT")
    assert refused["code"] == "AUTHORIZATION_UNAVAILABLE"


@pytest.mark.parametrize("selling_it", [True, False])
async def test_a_token_that_keeps_a_part_of_each_transfer_is_measured(
    local_chain: OnChain, harness: Harness, selling_it: bool
) -> None:
    account, token, weth = local_chain.accounts[0], taxed_token(local_chain), local_chain["WETH"]
    create_pair(local_chain, token, weth, (10**24, 10**20))
    asked = order(token, weth, 10**18) if selling_it else order(weth, token, 10**15)
    refused = await prepare(harness, account, asked)
    assert refused["code"] == "SIMULATION_FAILED"
    assert 95 <= refused["shortfallBps"] <= 105
    warned = await prepare(harness, account, asked, slippageBps=250, authorization="APPROVE")
    assert [warning["code"] for warning in warned["warnings"]] == ["RECEIVES_LESS"]
    before = held(local_chain, account, asked["tokenOut"])
    await follow(local_chain, harness, warned, wallet(0))
    received = held(local_chain, account, asked["tokenOut"]) - before
    assert str(received) in warned["warnings"][0]["message"]


async def test_a_swap_that_reverts_is_refused_with_what_was_said(
    local_chain: OnChain, harness: Harness
) -> None:
    usdc, barred = local_chain["USDC"], local_chain.accounts[9]
    (blacklister,) = local_chain.call(usdc, "function blacklister() view returns (address)")
    local_chain.rpc("anvil_impersonateAccount", blacklister)
    local_chain.rpc("anvil_setBalance", blacklister, hex(10**18))
    local_chain.send(blacklister, usdc, "function blacklist(address)", barred)
    refused = await prepare(harness, local_chain.accounts[0], order(NATIVE, usdc, 10**15), recipient=barred)
    assert (refused["code"], refused["shortfallBps"], refused["retryable"]) == (
        "SIMULATION_FAILED",
        None,
        True,
    )
    assert "would revert" in refused["revertReason"]


async def test_less_of_a_token_than_the_swap_takes_is_refused(local_chain: OnChain, harness: Harness) -> None:
    account, token, weth = local_chain.accounts[0], deploy_token(local_chain, ()), local_chain["WETH"]
    create_pair(local_chain, token, weth, (10**24, 10**20))
    local_chain.send(account, token, TRANSFER, "0x" + "de" * 20, held(local_chain, account, token) - 7)
    refused = await prepare(harness, account, order(token, weth, 10**18))
    assert refused["code"] == "INSUFFICIENT_BALANCE"
    assert (refused["required"]["raw"], refused["held"]["raw"]) == (str(10**18), "7")


async def test_more_coin_than_there_is_is_refused(local_chain: OnChain, harness: Harness) -> None:
    coins = held(local_chain, local_chain.accounts[0], NATIVE)
    asked = order(NATIVE, local_chain["USDC"], coins + 1)
    refused = await prepare(harness, local_chain.accounts[0], asked, maxPriceImpactBps=10_000)
    assert refused["code"] == "INSUFFICIENT_BALANCE"


async def test_a_swap_that_moves_the_price_too_far_is_refused_unless_allowed(
    local_chain: OnChain, harness: Harness
) -> None:
    account, asked = local_chain.accounts[0], order(NATIVE, local_chain["DAI"], 2_500 * 10**18)
    refused = await prepare(harness, account, asked)
    assert refused["code"] == "PRICE_IMPACT_TOO_HIGH"
    assert float(refused["priceImpactBps"]) > refused["maxPriceImpactBps"] == 1_500
    allowed = await prepare(harness, account, asked, maxPriceImpactBps=10_000)
    assert [warning["code"] for warning in allowed["warnings"]] == ["PRICE_IMPACT"]


async def test_without_a_node_that_simulates_the_user_is_warned(
    local_chain: OnChain, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unsupported(*_: object) -> None:
        raise SimulationUnsupported("eth_simulateV1 does not exist")

    monkeypatch.setattr(BatchedReader, "simulate", unsupported)
    action = await prepare(
        harness, local_chain.accounts[0], order(NATIVE, local_chain["USDC"], 10**15), slippageBps=400
    )
    assert [warning["code"] for warning in action["warnings"]] == ["HIGH_SLIPPAGE", "NOT_SIMULATED"]


async def test_every_wrong_field_is_named_at_once(local_chain: OnChain, harness: Harness) -> None:
    refused = await prepare(
        harness,
        local_chain.accounts[0],
        order(NATIVE, local_chain["WETH"], 0),
        slippageBps=0,
        maxPriceImpactBps=10_001,
        recipient=local_chain["SwapRouter02"],
        deadline=(harness.clock.now() + timedelta(hours=3)).isoformat().replace("+00:00", "Z"),
    )
    assert [(issue["path"][-1], issue["code"]) for issue in refused["issues"]] == [
        ("tokenOut", "SAME_TOKEN"),
        ("amount", "OUT_OF_RANGE"),
        ("recipient", "NOT_A_RECIPIENT"),
        ("slippageBps", "OUT_OF_RANGE"),
        ("deadline", "OUT_OF_RANGE"),
        ("maxPriceImpactBps", "OUT_OF_RANGE"),
    ]


async def test_tokens_and_routes_that_are_not_there_are_told_apart(
    local_chain: OnChain, harness: Harness
) -> None:
    account, nowhere = local_chain.accounts[0], local_chain.accounts[9]
    missing = await prepare(harness, account, order(local_chain["WETH"], nowhere, 10**15))
    assert (missing["code"], missing["path"][-1], missing["addresses"]) == (
        "TOKEN_NOT_FOUND",
        "tokenOut",
        [nowhere],
    )
    apart = await prepare(harness, account, order(local_chain["cbETH"], local_chain["EURC"], 10**15))
    assert (apart["code"], apart["reason"]) == ("NO_ROUTE", "NO_POOL")


async def test_nothing_is_prepared_for_a_wallet_of_somebody_else_or_for_nobody(
    local_chain: OnChain, harness: Harness
) -> None:
    asked = order(NATIVE, local_chain["USDC"], 10**15)
    for refused in (
        await prepare(harness, local_chain.accounts[1], asked),
        await prepare(harness.acting_as(Principal("usr_eve")), local_chain.accounts[0], asked),
    ):
        assert refused["code"] == "ACCOUNT_NOT_LINKED"
    given = {"account": local_chain.accounts[0], "idempotencyKey": "k", "swap": {"order": asked}}
    mutation = "mutation($input: PrepareSwapInput!) { prepareSwap(input: $input) { __typename } }"
    result = await harness.acting_as(None).execute(mutation, {"input": given})
    assert isinstance(result.errors[0].cause, Unauthenticated)


async def test_a_repeated_request_gives_the_same_action_and_a_changed_one_is_refused(
    local_chain: OnChain, harness: Harness
) -> None:
    account, asked = local_chain.accounts[0], order(NATIVE, local_chain["USDC"], 10**15)
    first = await prepare(harness, account, asked, idempotencyKey="one")
    local_chain.mine()
    again = await prepare(harness, account, asked, idempotencyKey="one")
    assert first == again
    other = await prepare(harness, account, asked, idempotencyKey="one", slippageBps=51)
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"
    apart = await prepare(harness, account, asked, idempotencyKey="two")
    assert apart["id"] != first["id"]


class CountingStore:
    """Counts what is asked of a store."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.asked = inner, list[str]()

    async def get(self, key: Key) -> Item | None:
        self.asked.append("get")
        found: Item | None = await self.inner.get(key)
        return found

    async def batch_get(self, keys: Any) -> Any:
        self.asked.append("batch_get")
        return await self.inner.batch_get(keys)

    async def query(self, query: Query) -> Page:
        self.asked.append("query")
        page: Page = await self.inner.query(query)
        return page

    async def transact(self, writes: Writes) -> None:
        self.asked.append(f"transact {len(writes)}")
        await self.inner.transact(writes)


async def test_preparing_writes_twice_and_a_repetition_reads_once(
    local_chain: OnChain, harness: Harness
) -> None:
    counting = CountingStore(harness.store)
    object.__setattr__(harness, "store", counting)
    account, asked = local_chain.accounts[0], order(NATIVE, local_chain["USDC"], 10**15)
    await prepare(harness, account, asked, idempotencyKey="one")
    # The key is taken; then the action, its event and the key's result are committed together.
    assert counting.asked == ["transact 1", "transact 3"]
    counting.asked.clear()
    await prepare(harness, account, asked, idempotencyKey="one")
    assert counting.asked == ["transact 1", "batch_get"]
