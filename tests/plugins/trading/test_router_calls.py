"""The bounds stand in the calldata wherever a router reads one, and no coin stays with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from colonnade.actions import SendCalls
from colonnade.evm import checksum, encode
from colonnade.wallets import WalletKind
from plugins.trading.execution import swap_router, universal_router
from plugins.trading.execution.authorization import Authorization
from plugins.trading.networks import NATIVE
from plugins.trading.routes import TradeType
from tests.plugins.trading.scripted_market import USDC, WETH
from tests.plugins.trading.test_swap_bounds import plan, state_with, terms_with

FRIEND = checksum(b"\x77" * 20)
SELLING = terms_with(10**9, minimum_out=10**18 - 7, recipient=FRIEND)
BUYING = replace(SELLING, trade_type=TradeType.EXACT_OUTPUT, maximum_in=10**9 + 3, minimum_out=10**18)


def parts(terms: Any) -> list[bytes]:
    deadline, found = swap_router.MULTICALL.decode_arguments(swap_router.swap_call(terms).data)
    assert deadline == terms.deadline
    return list(found)


def test_what_is_sold_and_bought_is_bounded_and_goes_to_the_recipient() -> None:
    (sold,) = parts(SELLING)
    ((*_, receiver, given, least, _),) = swap_router.EXACT_INPUT_SINGLE.decode_arguments(sold)
    assert (receiver, given, least) == (FRIEND, 10**9, 10**18 - 7)
    (bought,) = parts(BUYING)
    ((*_, receiver, taken, most, _),) = swap_router.EXACT_OUTPUT_SINGLE.decode_arguments(bought)
    assert (receiver, taken, most) == (FRIEND, 10**18, 10**9 + 3)


@pytest.mark.parametrize("terms", [SELLING, BUYING], ids=["selling", "buying"])
def test_coin_is_unwrapped_for_the_recipient_and_never_less_than_the_minimum(terms: Any) -> None:
    coin = replace(terms, token_out=NATIVE)
    *_, unwrap = parts(coin)
    assert unwrap == swap_router.UNWRAP.encode(coin.minimum_out, FRIEND)
    commands, inputs, _ = universal_router.EXECUTE.decode_arguments(universal_router.swap_call(coin).data)
    assert commands[-1] == universal_router.UNWRAP
    assert inputs[-1] == encode(("address", "uint256"), (FRIEND, coin.minimum_out))


def test_coin_that_an_output_did_not_take_comes_back_and_an_input_takes_all() -> None:
    hops = tuple(replace(hop, token_in=WETH, token_out=USDC) for hop in SELLING.hops)
    buying = replace(BUYING, token_in=NATIVE, token_out=USDC, hops=hops)
    assert parts(buying)[-1] == swap_router.REFUND.encode()
    assert swap_router.swap_call(buying).value == buying.maximum_in
    selling = replace(SELLING, token_in=NATIVE, token_out=USDC, hops=hops)
    assert len(parts(selling)) == 1
    assert swap_router.swap_call(selling).value == selling.maximum_in == selling.amount_in


def test_a_signed_permit_may_have_been_handed_in_already() -> None:
    command, _ = universal_router.permit_command((USDC, 1, 2, 3), FRIEND, 4, bytes(65))
    assert command == universal_router.PERMIT | universal_router.MAY_FAIL


@pytest.mark.parametrize(("allowance", "calls"), [(0, 2), (1, 3), (10**9 - 1, 3), (10**9, 1)])
def test_a_contracts_batch_is_all_or_nothing_where_it_is_more_than_one_call(
    allowance: int, calls: int
) -> None:
    state = state_with(router_allowance=allowance)
    (step,) = plan(SELLING, Authorization.APPROVE, state, WalletKind.CONTRACT).steps
    assert isinstance(step, SendCalls)
    assert (len(step.calls), step.atomic_required) == (calls, calls > 1)
