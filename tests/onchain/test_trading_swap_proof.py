"""What proves a prepared swap: real transactions, and every way to pass another one off for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

import pytest

from colonnade.actions import Unproved
from colonnade.chains import BASE, Log
from colonnade.evm import Address, encode
from infra.rpc import ChainSettings, JsonRpcChains
from plugins.trading.asset_changes import DEPOSIT, TRANSFER
from plugins.trading.execution import permit2, swap_router, universal_router
from plugins.trading.execution.proof import proved_input
from plugins.trading.execution.terms import SwapTerms
from plugins.trading.routes import TradeType
from plugins.trading.swap_logs import SWAP_TOPICS
from tests.fixtures.local_chain import OnChain
from tests.onchain.swap_desk import APPROVE, FAR, NETWORK, V2, V3, Shape, terms_for

pytestmark = pytest.mark.onchain

SHAPES = (
    Shape(("WETH", "USDC"), (V3,)),
    Shape(("ETH", "USDC"), (V2,)),
    Shape(("USDC", "ETH"), (V3,)),
    Shape(("EURC", "USDC", "WETH"), (V2, V3)),
    Shape(("EURC", "USDC", "ETH"), (V3, V3)),
)
STRANGER = Address("0x" + "00" * 18 + "BEeF")


@pytest.fixture
async def chains(local_chain: OnChain, chain_snapshot: None) -> AsyncIterator[JsonRpcChains]:
    local_chain.mine()
    connected = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    yield connected
    connected.close()


async def swapped(
    chain: OnChain,
    chains: JsonRpcChains,
    shape: Shape = SHAPES[0],
    trade_type: TradeType = TradeType.EXACT_INPUT,
    *,
    account: int = 1,
    through_permit2: bool = False,
) -> tuple[SwapTerms, tuple[Log, ...]]:
    """The terms of a swap, and the logs of the transaction that made it."""
    amount = (
        10**16 if shape.path[0 if trade_type is TradeType.EXACT_INPUT else -1] in ("WETH", "ETH") else 10**8
    )
    sender = chain.accounts[account]
    terms = await terms_for(chain, chains, shape, amount, trade_type, sender)
    call = swap_router.swap_call(terms)
    if through_permit2:
        call = universal_router.swap_call(terms)
        chain.send(sender, terms.token_in, APPROVE, NETWORK.permit2, terms.maximum_in)
        grant = permit2.approve_call(NETWORK.permit2, terms.token_in, call.to, terms.maximum_in, FAR)
        chain.chain.node.transact(sender, grant.to, grant.data)
    elif not terms.native_in:
        chain.send(sender, terms.token_in, APPROVE, call.to, terms.maximum_in)
    sent = chain.chain.node.transact(sender, call.to, call.data, value=call.value)
    (receipt,) = await chains.history(BASE).receipts([bytes.fromhex(sent.transaction_hash[2:])])
    assert receipt is not None
    return terms, receipt.logs


def refusal(terms: SwapTerms, logs: Sequence[Log]) -> str:
    with pytest.raises(Unproved) as caught:
        proved_input(terms, logs)
    return caught.value.code


@pytest.mark.parametrize("trade_type", TradeType)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
async def test_a_swap_proves_what_it_paid(
    local_chain: OnChain, chains: JsonRpcChains, shape: Shape, trade_type: TradeType
) -> None:
    terms, logs = await swapped(local_chain, chains, shape, trade_type)
    assert proved_input(terms, logs) == terms.amount_in


async def test_a_swap_through_permit2_proves_it_too(local_chain: OnChain, chains: JsonRpcChains) -> None:
    for shape in (SHAPES[0], SHAPES[2], SHAPES[3]):
        terms, logs = await swapped(local_chain, chains, shape, through_permit2=True)
        assert proved_input(terms, logs) == terms.amount_in


async def test_a_strangers_swap_through_the_same_pools_proves_nothing(
    local_chain: OnChain, chains: JsonRpcChains
) -> None:
    terms, logs = await swapped(local_chain, chains, account=2)
    assert refusal(replace(terms, account=local_chain.accounts[1]), logs) == "PAID_OTHERWISE"
    assert refusal(replace(terms, recipient=local_chain.accounts[1]), logs) == "RECEIVED_TOO_LITTLE"


async def test_logs_of_a_look_alike_count_for_nothing(local_chain: OnChain, chains: JsonRpcChains) -> None:
    terms, logs = await swapped(local_chain, chains)
    pool = terms.hops[0].pool
    copied = [replace(log, address=STRANGER) if log.address == pool else log for log in logs]
    assert refusal(terms, copied) == "OTHER_SWAP"
    # Beside the real ones they change nothing either.
    extra = [replace(log, address=STRANGER, index=log.index + 100) for log in logs]
    assert proved_input(terms, [*extra, *logs]) == terms.amount_in


async def test_a_swap_through_another_pool_or_the_other_way_is_another_swap(
    local_chain: OnChain, chains: JsonRpcChains
) -> None:
    terms, _ = await swapped(local_chain, chains)
    _, elsewhere = await swapped(local_chain, chains, Shape(("WETH", "USDC"), (V2,)))
    assert refusal(terms, elsewhere) == "OTHER_SWAP"
    _, backwards = await swapped(local_chain, chains, Shape(("USDC", "WETH"), (V3,)))
    back = replace(terms, hops=tuple(replace(hop, pool=backwards_pool(backwards)) for hop in terms.hops))
    assert refusal(back, backwards) == "OTHER_SWAP"


def backwards_pool(logs: Sequence[Log]) -> Address:
    """The pool that wrote the one swap among `logs`."""
    (pool,) = [log.address for log in logs if log.topics[0] in SWAP_TOPICS.values()]
    return pool


async def test_two_swaps_through_one_pool_are_not_the_one_that_was_prepared(
    local_chain: OnChain, chains: JsonRpcChains
) -> None:
    terms, first = await swapped(local_chain, chains)
    _, second = await swapped(local_chain, chains)
    assert refusal(terms, [*first, *second]) == "OTHER_SWAP"


async def test_only_half_of_a_route_is_another_swap(local_chain: OnChain, chains: JsonRpcChains) -> None:
    terms, logs = await swapped(local_chain, chains, SHAPES[3])
    without = [log for log in logs if log.address != terms.hops[1].pool]
    assert refusal(terms, without) == "OTHER_SWAP"


async def test_one_unit_past_a_bound_is_refused(local_chain: OnChain, chains: JsonRpcChains) -> None:
    terms, logs = await swapped(local_chain, chains)
    assert proved_input(replace(terms, minimum_out=terms.amount_out), logs) == terms.amount_in
    assert refusal(replace(terms, minimum_out=terms.amount_out + 1), logs) == "RECEIVED_TOO_LITTLE"
    assert refusal(replace(terms, maximum_in=terms.amount_in - 1), logs) == "PAID_TOO_MUCH"


async def test_tokens_from_elsewhere_do_not_make_up_for_what_the_pools_paid(
    local_chain: OnChain, chains: JsonRpcChains
) -> None:
    terms, logs = await swapped(local_chain, chains)
    words = [int(who, 16).to_bytes(32, "big") for who in (STRANGER, terms.recipient)]
    gift = replace(
        logs[0],
        address=terms.token_out,
        topics=(TRANSFER.topic, *words),
        data=encode(("uint256",), (10**30,)),
        index=999,
    )
    more = replace(terms, minimum_out=terms.amount_out + 1)
    assert refusal(more, [*logs, gift]) == "RECEIVED_TOO_LITTLE"


@pytest.mark.parametrize("native", [False, True])
async def test_what_the_account_paid_elsewhere_or_less_than_the_pool_took_pays_for_nothing(
    local_chain: OnChain, chains: JsonRpcChains, native: bool
) -> None:
    terms, logs = await swapped(local_chain, chains, SHAPES[1] if native else SHAPES[0])
    emitter = terms.hops[0].token_in
    kind = DEPOSIT if native else TRANSFER
    (payment,) = [
        log for log in logs if log.address == emitter and log.topics[0] == kind.topic and _pays(log, terms)
    ]
    elsewhere = replace(payment, topics=(*payment.topics[:-1], int(STRANGER, 16).to_bytes(32, "big")))
    less = replace(payment, data=encode(("uint256",), (terms.amount_in - 1,)))
    for other in (elsewhere, less):
        told = [other if log is payment else log for log in logs]
        assert refusal(terms, told) == "PAID_OTHERWISE"


def _pays(log: Log, terms: SwapTerms) -> bool:
    return int.from_bytes(log.data, "big") == terms.amount_in


async def test_what_the_recipient_hands_on_in_the_same_operation_is_not_gained(
    local_chain: OnChain, chains: JsonRpcChains
) -> None:
    terms, logs = await swapped(local_chain, chains)
    words = [int(who, 16).to_bytes(32, "big") for who in (terms.recipient, STRANGER)]
    spare = terms.amount_out - terms.minimum_out
    for amount, enough in ((spare, True), (spare + 1, False)):
        onward = replace(
            logs[-1],
            address=terms.token_out,
            topics=(TRANSFER.topic, *words),
            data=encode(("uint256",), (amount,)),
            index=999,
        )
        if enough:
            assert proved_input(terms, [*logs, onward]) == terms.amount_in
        else:
            assert refusal(terms, [*logs, onward]) == "RECEIVED_TOO_LITTLE"


async def test_coin_and_its_wrapped_token_are_told_apart(local_chain: OnChain, chains: JsonRpcChains) -> None:
    weth, eth = NETWORK.wrapped_native, NETWORK.native.address
    wrapped, wrapped_logs = await swapped(local_chain, chains, Shape(("WETH", "USDC"), (V3,)))
    assert refusal(replace(wrapped, token_in=eth), wrapped_logs) == "PAID_OTHERWISE"
    native, native_logs = await swapped(local_chain, chains, Shape(("ETH", "USDC"), (V3,)))
    assert refusal(replace(native, token_in=weth), native_logs) == "PAID_OTHERWISE"
    kept, kept_logs = await swapped(local_chain, chains, Shape(("USDC", "WETH"), (V3,)))
    assert refusal(replace(kept, token_out=eth), kept_logs) == "RECEIVED_TOO_LITTLE"


async def test_somebody_elses_coin_that_is_unwrapped_is_not_the_routers(
    local_chain: OnChain, chains: JsonRpcChains
) -> None:
    terms, logs = await swapped(local_chain, chains, Shape(("USDC", "ETH"), (V3,)))
    router = int(local_chain["SwapRouter02"], 16).to_bytes(32, "big")
    other = int(STRANGER, 16).to_bytes(32, "big")
    unwrapped_by_others = [
        replace(log, topics=tuple(other if topic == router else topic for topic in log.topics))
        if log.address == NETWORK.wrapped_native
        else log
        for log in logs
    ]
    assert refusal(terms, unwrapped_by_others) == "RECEIVED_TOO_LITTLE"


async def test_terms_survive_the_store(local_chain: OnChain, chains: JsonRpcChains) -> None:
    terms, _ = await swapped(local_chain, chains, SHAPES[3], TradeType.EXACT_OUTPUT)
    assert terms.intermediate is not None
    assert SwapTerms.of(terms.details()) == terms
