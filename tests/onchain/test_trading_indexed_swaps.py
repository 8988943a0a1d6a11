"""Real transactions of the local Base, as rows: whose swap, of what, to the atomic unit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from colonnade.actions import PreparedCall
from colonnade.chains import BASE
from colonnade.evm import Address, Function
from colonnade.testing.harness import Harness
from infra.rpc import ChainSettings, JsonRpcChains, RequestStats
from plugins.trading.execution import swap_router
from plugins.trading.execution.terms import SwapTerms
from plugins.trading.indexing.pool_identities import PoolIdentities
from plugins.trading.indexing.swap_rows import announced, retracted
from plugins.trading.networks import NATIVE
from plugins.trading.routes import TradeType
from tests.fixtures.local_chain import OnChain
from tests.onchain.indexed import keep, rows_of
from tests.onchain.prepared_swaps import LinkedWallets, swap_harness
from tests.onchain.swap_desk import APPROVE, V2, V3, Shape, held, terms_for, token
from tests.wallets.eoa import EoaWallet
from tests.wallets.safe import SafeWallet

pytestmark = pytest.mark.onchain

SWAPS = """query($account: Address!, $first: Int! = 20, $after: String) {
  swaps(account: $account, first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    edges { node {
      id account transactionHash
      amountIn { raw token { symbol } } amountOut { raw token { symbol } }
      legs { protocol amountIn amountOut }
      block { number hash finality }
    } }
  }
}"""


@pytest.fixture
def requests() -> list[RequestStats]:
    return []


@pytest.fixture
async def chains(
    local_chain: OnChain, chain_snapshot: None, requests: list[RequestStats]
) -> AsyncIterator[JsonRpcChains]:
    local_chain.mine()
    connected = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))], on_request=requests.append)
    yield connected
    connected.close()


@pytest.fixture
def harness(local_chain: OnChain, chains: JsonRpcChains) -> Harness:
    return swap_harness(local_chain, chains, LinkedWallets())


def send(chain: OnChain, sender: Address, call: PreparedCall) -> str:
    return chain.chain.node.transact(sender, call.to, call.data, value=call.value).transaction_hash


def swap(chain: OnChain, terms: SwapTerms) -> str:
    """Approve exactly, swap, and the hash of the swap."""
    if not terms.native_in:
        chain.send(terms.account, terms.token_in, APPROVE, chain["SwapRouter02"], terms.maximum_in)
    return send(chain, terms.account, swap_router.swap_call(terms))


async def rows(harness: Harness, chains: JsonRpcChains, transaction_hash: str) -> list[dict[str, Any]]:
    found = await rows_of(harness.context(), chains.history(BASE), transaction_hash)
    return [dict(row.attributes) for row in found]


def summary(row: dict[str, Any]) -> tuple[str, str, int, str, int]:
    return (
        row["account"],
        row["token_in"],
        int(row["amount_in"]),
        row["token_out"],
        int(row["amount_out"]),
    )


SHAPES = [
    Shape(("WETH", "USDC"), (V2,)),
    Shape(("WETH", "USDC"), (V3,)),
    Shape(("EURC", "USDC", "WETH"), (V2, V2)),
    Shape(("EURC", "USDC", "WETH"), (V3, V3)),
    Shape(("EURC", "USDC", "WETH"), (V2, V3)),
    Shape(("EURC", "USDC", "WETH"), (V3, V2)),
    Shape(("ETH", "USDC"), (V2,)),
    Shape(("ETH", "USDC", "EURC"), (V3, V3)),
    Shape(("ETH", "USDC", "EURC"), (V3, V2)),
    Shape(("USDC", "ETH"), (V3,)),
    Shape(("EURC", "USDC", "ETH"), (V2, V3)),
]


@pytest.mark.parametrize("trade_type", TradeType)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
async def test_a_swap_is_one_row_of_what_the_balances_show(
    local_chain: OnChain, chains: JsonRpcChains, harness: Harness, shape: Shape, trade_type: TradeType
) -> None:
    account, recipient = local_chain.accounts[1], local_chain.accounts[8]
    amount = (
        10**16 if shape.path[0 if trade_type is TradeType.EXACT_INPUT else -1] in ("WETH", "ETH") else 10**8
    )
    terms = await terms_for(local_chain, chains, shape, amount, trade_type, account, recipient=recipient)
    before = held(local_chain, recipient, terms.token_out)
    transaction = swap(local_chain, terms)
    gained = held(local_chain, recipient, terms.token_out) - before
    (row,) = await rows(harness, chains, transaction)
    assert summary(row) == (account, terms.token_in, terms.amount_in, terms.token_out, gained)
    assert [leg["pool"] for leg in row["legs"]] == [hop.pool for hop in terms.hops]
    assert row["transaction_hash"] == transaction


async def test_two_swaps_in_one_transaction_are_two_rows(
    local_chain: OnChain, chains: JsonRpcChains, harness: Harness
) -> None:
    account = local_chain.accounts[1]
    first = await terms_for(
        local_chain, chains, Shape(("WETH", "USDC"), (V3,)), 10**16, TradeType.EXACT_INPUT, account
    )
    second = await terms_for(
        local_chain, chains, Shape(("WETH", "DAI"), (V2,)), 10**16, TradeType.EXACT_INPUT, account
    )
    local_chain.send(account, local_chain["WETH"], APPROVE, local_chain["SwapRouter02"], 2 * 10**16)
    both = [
        part
        for terms in (first, second)
        for part in swap_router.MULTICALL.decode_arguments(swap_router.swap_call(terms).data)[1]
    ]
    call = PreparedCall(local_chain["SwapRouter02"], swap_router.MULTICALL.encode(first.deadline, both))
    found = await rows(harness, chains, send(local_chain, account, call))
    assert [(row["token_out"], row["amount_out"]) for row in found] == [
        (local_chain["USDC"], str(first.amount_out)),
        (local_chain["DAI"], str(second.amount_out)),
    ]
    assert len({row["log_index"] for row in found}) == 2


@pytest.mark.parametrize(
    "path", [("WETH", "USDC"), ("ETH", "USDC"), ("USDC", "ETH"), ("EURC", "USDC", "WETH")], ids=str
)
async def test_a_safes_swap_is_the_safes_and_not_its_owners(
    local_chain: OnChain, chains: JsonRpcChains, harness: Harness, path: tuple[str, ...]
) -> None:
    safe = SafeWallet.create(local_chain.chain.node)
    terms = await terms_for(
        local_chain,
        chains,
        Shape(path, (V3,) * (len(path) - 1)),
        10**16 if path[0] in ("WETH", "ETH") else 10**8,
        TradeType.EXACT_INPUT,
        safe.address,
    )
    calls = [swap_router.swap_call(terms)]
    if not terms.native_in:
        local_chain.send(
            local_chain.accounts[0],
            terms.token_in,
            "function transfer(address, uint256) returns (bool)",
            safe.address,
            terms.amount_in,
        )
        approve = Function.parse(APPROVE).encode(local_chain["SwapRouter02"], terms.amount_in)
        calls.insert(0, PreparedCall(terms.token_in, approve))
    sent = safe.send_calls(calls)
    assert sent.succeeded
    (row,) = await rows(harness, chains, sent.tx_hash)
    assert summary(row) == (
        safe.address,
        token(local_chain, path[0]),
        terms.amount_in,
        token(local_chain, path[-1]),
        terms.amount_out,
    )


async def test_swaps_are_listed_newest_first_with_their_finality(
    local_chain: OnChain, chains: JsonRpcChains, harness: Harness, requests: list[RequestStats]
) -> None:
    account = local_chain.accounts[1]
    hashes: list[str] = []
    paths: tuple[tuple[str, ...], ...] = (("WETH", "USDC"), ("ETH", "DAI"), ("USDC", "ETH"))
    for path in paths:
        terms = await terms_for(
            local_chain,
            chains,
            Shape(path, (V3,) if path[1] != "DAI" else (V2,)),
            10**8 if path[0] == "USDC" else 10**16,
            TradeType.EXACT_INPUT,
            account,
        )
        hashes.append(swap(local_chain, terms))
        await keep(harness.context(), await rows_of(harness.context(), chains.history(BASE), hashes[-1]))
    requests.clear()
    answer = (await harness.data(SWAPS, {"account": account, "first": 2}))["swaps"]
    nodes = [edge["node"] for edge in answer["edges"]]
    assert [node["transactionHash"] for node in nodes] == hashes[:0:-1]
    assert [node["amountIn"]["token"]["symbol"] for node in nodes] == ["USDC", "ETH"]
    assert nodes[0]["amountIn"]["raw"] == str(10**8)
    assert {node["block"]["finality"] for node in nodes} <= {"CONFIRMED", "SAFE", "FINALIZED"}
    # Every block's finality together is one round trip, which asking only for amounts does not take.
    assert len(requests) == 1
    rest = await harness.data(
        SWAPS, {"account": account, "first": 2, "after": answer["pageInfo"]["endCursor"]}
    )
    assert [edge["node"]["transactionHash"] for edge in rest["swaps"]["edges"]] == hashes[:1]
    assert not rest["swaps"]["pageInfo"]["hasNextPage"]
    again = await harness.data("query($id: ID!) { node(id: $id) { id } }", {"id": nodes[0]["id"]})
    assert again["node"] == {"id": nodes[0]["id"]}
    assert (await harness.data(SWAPS, {"account": local_chain.accounts[2]}))["swaps"]["edges"] == []


async def test_pools_are_asked_who_they_are_once(
    local_chain: OnChain, chains: JsonRpcChains, harness: Harness, requests: list[RequestStats]
) -> None:
    terms = await terms_for(
        local_chain,
        chains,
        Shape(("WETH", "USDC"), (V3,)),
        10**15,
        TradeType.EXACT_INPUT,
        local_chain.accounts[1],
    )
    transaction, identities = swap(local_chain, terms), PoolIdentities()
    counts: list[int] = []
    found: list[Sequence[Any]] = []
    for _ in range(2):
        requests.clear()
        found.append(await rows_of(harness.context(), chains.history(BASE), transaction, identities))
        counts.append(len(requests))
    assert found[0] == found[1]
    # The receipt and the block are two requests of this test's own.
    assert counts == [3, 2]


async def test_a_row_tells_that_it_is_there_and_that_it_is_gone(
    local_chain: OnChain, chains: JsonRpcChains, harness: Harness
) -> None:
    account = local_chain.accounts[1]
    terms = await terms_for(
        local_chain, chains, Shape(("ETH", "USDC"), (V3,)), 10**15, TradeType.EXACT_INPUT, account
    )
    transaction = swap(local_chain, terms)
    (row,) = await rows_of(harness.context(), chains.history(BASE), transaction)
    (there,), (gone,) = announced(row), retracted(row)
    assert there.own_topic == gone.own_topic == f"trading.swap-indexed#8453#{account}"
    assert (there.payload()["retracted"], gone.payload()["retracted"]) == (False, True)
    assert there.payload()["transaction_hash"] == transaction


async def test_a_safes_swap_that_a_stranger_sends_is_the_safes(
    local_chain: OnChain, chains: JsonRpcChains, harness: Harness
) -> None:
    safe, relayer = SafeWallet.create(local_chain.chain.node), EoaWallet.create(local_chain.chain.node)
    terms = await terms_for(
        local_chain, chains, Shape(("ETH", "USDC"), (V3,)), 10**16, TradeType.EXACT_INPUT, safe.address
    )
    execution = safe._execution([swap_router.swap_call(terms)], 0)
    sent = relayer.send(PreparedCall(safe.address, execution))
    assert sent.succeeded
    (row,) = await rows(harness, chains, sent.tx_hash)
    assert summary(row)[:3] == (safe.address, NATIVE, 10**16)
