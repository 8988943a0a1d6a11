"""Every kind of route through both routers, carried out on the local Base: what moves is what was quoted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import pytest

from colonnade.actions import PreparedCall
from colonnade.chains import BASE
from colonnade.errors import CallReverted
from colonnade.evm import Address
from infra.rpc import ChainSettings, JsonRpcChains
from plugins.trading.execution import permit2, swap_router, universal_router
from plugins.trading.execution.approvals import approval_calls
from plugins.trading.execution.paths import v2_path
from plugins.trading.execution.terms import SwapTerms
from plugins.trading.pools.pool import Protocol
from plugins.trading.routes import TradeType
from tests.fixtures.local_chain import OnChain
from tests.onchain.swap_desk import (
    ALLOWANCE,
    FAR,
    NETWORK,
    V2,
    V3,
    Shape,
    carry_out,
    held,
    terms_for,
    token,
)

pytestmark = pytest.mark.onchain

SHAPES: Final = (
    Shape(("WETH", "USDC"), (V2,)),
    Shape(("WETH", "USDC"), (V3,)),
    Shape(("EURC", "USDC", "WETH"), (V2, V2)),
    Shape(("EURC", "USDC", "WETH"), (V3, V3)),
    Shape(("EURC", "USDC", "WETH"), (V2, V3)),
    Shape(("EURC", "USDC", "WETH"), (V3, V2)),
    Shape(("USDC", "ETH"), (V2,)),
    Shape(("USDC", "ETH"), (V3,)),
    Shape(("EURC", "USDC", "ETH"), (V2, V2)),
    Shape(("EURC", "USDC", "ETH"), (V3, V3)),
    Shape(("EURC", "USDC", "ETH"), (V2, V3)),
    Shape(("EURC", "USDC", "ETH"), (V3, V2)),
)
PAID_IN_COIN: Final = (
    Shape(("ETH", "USDC"), (V2,)),
    Shape(("ETH", "USDC"), (V3,)),
    Shape(("ETH", "USDC", "EURC"), (V2, V2)),
    Shape(("ETH", "USDC", "EURC"), (V3, V3)),
    Shape(("ETH", "USDC", "EURC"), (V2, V3)),
    Shape(("ETH", "USDC", "EURC"), (V3, V2)),
)
ROUTERS: Final[Mapping[str, Callable[[SwapTerms], PreparedCall]]] = {
    "SwapRouter02": swap_router.swap_call,
    "UniversalRouter": universal_router.swap_call,
}
CASES: Final = [
    pytest.param(shape, router, id=f"{shape}-{router}")
    for router in ROUTERS
    for shape in (*SHAPES, *(PAID_IN_COIN if router == "SwapRouter02" else ()))
]
AMOUNTS: Final = {"WETH": 3 * 10**17, "ETH": 3 * 10**17, "USDC": 700 * 10**6, "EURC": 900 * 10**6}


@pytest.fixture(scope="module")
def chains(local_chain: OnChain) -> Iterator[JsonRpcChains]:
    local_chain.mine()
    connected = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    yield connected
    connected.close()


def allow(chain: OnChain, terms: SwapTerms, router: str) -> None:
    """Let the router take exactly what the swap may take, and no more."""
    if terms.native_in:
        return
    spender = chain[router] if router == "SwapRouter02" else NETWORK.permit2
    (before,) = chain.call(terms.token_in, ALLOWANCE, terms.account, spender)
    calls = [*approval_calls(terms.token_in, spender, before, terms.maximum_in)]
    if router == "UniversalRouter":
        calls.append(
            permit2.approve_call(NETWORK.permit2, terms.token_in, chain[router], terms.maximum_in, FAR)
        )
    for call in calls:
        carry_out(chain, terms.account, call)


def moved(chain: OnChain, terms: SwapTerms, call: PreparedCall) -> tuple[int, int]:
    """What a call took from the account and gave to the recipient, gas left out."""
    paid, got = held(chain, terms.account, terms.token_in), held(chain, terms.recipient, terms.token_out)
    gas = carry_out(chain, terms.account, call)
    spent = paid - held(chain, terms.account, terms.token_in) - (gas if terms.native_in else 0)
    return spent, held(chain, terms.recipient, terms.token_out) - got


def leftovers(chain: OnChain, terms: SwapTerms, router: Address) -> list[int]:
    """What the router kept of any token of the route, or of the coin."""
    return [held(chain, router, each) for each in (*v2_path(terms.hops), NETWORK.native.address)]


@pytest.mark.parametrize(("shape", "router"), CASES)
async def test_an_exact_input_brings_the_quote_and_one_unit_more_is_refused(
    local_chain: OnChain, chains: JsonRpcChains, chain_snapshot: None, shape: Shape, router: str
) -> None:
    account, recipient = local_chain.accounts[1], local_chain.accounts[8]
    terms = await terms_for(
        local_chain,
        chains,
        shape,
        AMOUNTS[shape.path[0]],
        TradeType.EXACT_INPUT,
        account,
        recipient=recipient,
    )
    allow(local_chain, terms, router)
    exactly = replace(terms, minimum_out=terms.amount_out)
    with pytest.raises(CallReverted):
        carry_out(local_chain, account, ROUTERS[router](replace(terms, minimum_out=terms.amount_out + 1)))
    assert moved(local_chain, terms, ROUTERS[router](exactly)) == (terms.amount_in, terms.amount_out)
    assert leftovers(local_chain, terms, local_chain[router]) == [0] * (len(shape.path) + 1)
    if not terms.native_in and router == "SwapRouter02":
        assert local_chain.call(terms.token_in, ALLOWANCE, account, local_chain[router]) == (0,)


@pytest.mark.parametrize(("shape", "router"), CASES)
async def test_an_exact_output_costs_the_quote_and_one_unit_less_is_refused(
    local_chain: OnChain, chains: JsonRpcChains, chain_snapshot: None, shape: Shape, router: str
) -> None:
    account, recipient = local_chain.accounts[1], local_chain.accounts[8]
    amount = AMOUNTS[shape.path[-1]]
    terms = await terms_for(
        local_chain, chains, shape, amount, TradeType.EXACT_OUTPUT, account, recipient=recipient
    )
    allow(local_chain, terms, router)
    with pytest.raises(CallReverted):
        carry_out(local_chain, account, ROUTERS[router](replace(terms, maximum_in=terms.amount_in - 1)))
    exactly = replace(terms, maximum_in=terms.amount_in)
    spent, got = moved(local_chain, terms, ROUTERS[router](exactly))
    assert spent == terms.amount_in
    if set(shape.protocols) == {V2}:
        # Routers sell to pairs what these hold, so what was rounded up on the way comes out.
        assert amount <= got <= amount + amount // 10**8
    elif terms.one_protocol:
        assert got == amount
    else:
        # Half of the tolerance is bought as a margin, and sold with the rest.
        assert amount <= got <= amount * 10_026 // 10_000
    assert leftovers(local_chain, terms, local_chain[router]) == [0] * (len(shape.path) + 1)


@pytest.mark.parametrize("router", ROUTERS)
async def test_a_swap_past_its_deadline_is_refused(
    local_chain: OnChain, chains: JsonRpcChains, chain_snapshot: None, router: str
) -> None:
    latest = int(local_chain.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    terms = await terms_for(
        local_chain,
        chains,
        Shape(("WETH", "USDC"), (V3,)),
        10**15,
        TradeType.EXACT_INPUT,
        local_chain.accounts[1],
        deadline=latest + 1_000,
    )
    allow(local_chain, terms, router)
    local_chain.rpc("evm_setNextBlockTimestamp", latest + 1_001)
    with pytest.raises(CallReverted):
        carry_out(local_chain, terms.account, ROUTERS[router](terms))


@pytest.mark.parametrize("router", ROUTERS)
@pytest.mark.parametrize("protocols", [(V2, V3), (V3, V2)])
async def test_an_output_through_two_protocols_bears_a_price_that_moves_within_half_the_tolerance(
    local_chain: OnChain,
    chains: JsonRpcChains,
    chain_snapshot: None,
    router: str,
    protocols: tuple[Protocol, Protocol],
) -> None:
    account, stranger = local_chain.accounts[1], local_chain.accounts[2]
    shape, amount = Shape(("EURC", "USDC", "WETH"), protocols), 10**17
    terms = await terms_for(
        local_chain, chains, shape, amount, TradeType.EXACT_OUTPUT, account, slippage_bps=200
    )
    allow(local_chain, terms, router)
    ahead = await terms_for(
        local_chain,
        chains,
        Shape(("USDC", "WETH"), protocols[1:]),
        2_000 * 10**6,
        TradeType.EXACT_INPUT,
        stranger,
    )
    allow(local_chain, ahead, "SwapRouter02")
    carry_out(local_chain, stranger, swap_router.swap_call(ahead))
    spent, got = moved(local_chain, terms, ROUTERS[router](terms))
    assert got >= amount
    assert spent <= terms.maximum_in
    assert token(local_chain, "WETH") == terms.token_out


def test_coin_is_never_taken_through_permit2() -> None:
    terms = SwapTerms(
        chain_id=BASE,
        account=NETWORK.permit2,
        recipient=NETWORK.permit2,
        token_in=NETWORK.native.address,
        token_out=NETWORK.hubs[1],
        trade_type=TradeType.EXACT_INPUT,
        hops=(),
        amount_in=1,
        amount_out=1,
        maximum_in=1,
        minimum_out=1,
        intermediate=None,
        deadline=FAR,
    )
    with pytest.raises(ValueError, match="not taken through Permit2"):
        universal_router.swap_call(terms)
