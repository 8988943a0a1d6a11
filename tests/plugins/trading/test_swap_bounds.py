"""Bounds, allowances and permits never give away more than they say, whatever the amounts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from colonnade.actions import PreparedCall, SendCalls, SignTypedData, Waiting
from colonnade.chains import BASE
from colonnade.evm import Address, parse_address, typed_data_hash
from colonnade.tokens import TokenMetadata
from colonnade.wallets import WalletKind
from plugins.trading.execution import erc2612, permit2, universal_router
from plugins.trading.execution.approvals import APPROVE, approval_calls
from plugins.trading.execution.authorization import Authorization, CannotAuthorize, authorization_for
from plugins.trading.execution.bounds import maximum_in, minimum_out
from plugins.trading.execution.permits import MalformedSignature, signed_swap, split_signature
from plugins.trading.execution.steps import SwapPlan, SwapTitles, plan_swap
from plugins.trading.execution.swap_router import MULTICALL, SELF_PERMIT
from plugins.trading.execution.terms import Hop, SwapTerms
from plugins.trading.execution.wallet_state import WalletState
from plugins.trading.networks import NATIVE
from plugins.trading.pools.pool import Protocol
from plugins.trading.routes import TradeType
from tests.plugins.trading.scripted_market import NETWORK, USDC, WETH

KEY = Account.from_key(b"\x07" * 32)
OWNER = parse_address(KEY.address)
ROUTER, PERMIT2 = NETWORK.swap_router, NETWORK.permit2

amounts = st.integers(1, 2**128)
slippages = st.integers(1, 5_000)
allowances = st.integers(0, 2**256 - 1)


def terms_with(maximum: int = 10**9, **more: Any) -> SwapTerms:
    base = SwapTerms(
        chain_id=BASE,
        account=OWNER,
        recipient=OWNER,
        token_in=USDC,
        token_out=WETH,
        trade_type=TradeType.EXACT_INPUT,
        hops=(Hop(Protocol.UNISWAP_V3, Address("0x" + "11" * 20), USDC, WETH, 500),),
        amount_in=maximum,
        amount_out=10**18,
        maximum_in=maximum,
        minimum_out=10**18,
        intermediate=None,
        deadline=1_800_000_000,
    )
    return replace(base, **more)


def state_with(**more: Any) -> WalletState:
    base = WalletState(
        held=2**200,
        coin=10**20,
        permit2_grant=permit2.Permit2Allowance(0, 0, 3),
        permit=erc2612.PermitDomain("USD Coin", "2", 5),
    )
    return replace(base, **more)


TITLES = SwapTitles("Reset", "Approve", "Permit", "Swap")


def plan(
    terms: SwapTerms,
    authorization: Authorization,
    state: WalletState,
    kind: WalletKind = WalletKind.EOA,
) -> SwapPlan:
    return plan_swap(terms, kind, authorization, state, TITLES)


def approvals(calls: list[PreparedCall]) -> list[tuple[Address, int]]:
    """Who is approved for how much, in order."""
    return [APPROVE.decode_arguments(call.data) for call in calls if call.data.startswith(APPROVE.selector)]


@given(amounts, slippages)
def test_the_minimum_is_the_least_integer_within_the_tolerance(amount: int, slippage: int) -> None:
    exact = Fraction(amount * (10_000 - slippage), 10_000)
    assert minimum_out(amount, slippage) - 1 < exact <= minimum_out(amount, slippage) <= amount
    assert minimum_out(amount, slippage) >= 1


@given(amounts, slippages)
def test_the_maximum_is_the_greatest_integer_within_the_tolerance(amount: int, slippage: int) -> None:
    exact = Fraction(amount * (10_000 + slippage), 10_000)
    assert amount <= maximum_in(amount, slippage) <= exact < maximum_in(amount, slippage) + 1


@given(allowances, amounts)
def test_no_approval_is_above_the_need_and_none_is_made_without_one(current: int, needed: int) -> None:
    made = approvals(list(approval_calls(USDC, ROUTER, current, needed)))
    if current >= needed:
        assert made == []
    else:
        assert made == ([(ROUTER, 0)] if current else []) + [(ROUTER, needed)]


@given(
    amounts,
    allowances,
    allowances,
    st.sampled_from(WalletKind),
    st.none() | st.sampled_from(list(Authorization)[1:]),
)
def test_whatever_is_prepared_allows_exactly_the_most_that_the_swap_takes(
    most: int,
    to_router: int,
    to_permit2: int,
    kind: WalletKind,
    asked: Authorization | None,
) -> None:
    terms, state = terms_with(most), state_with(router_allowance=to_router, permit2_allowance=to_permit2)
    try:
        way = authorization_for(terms, kind, state, asked)
    except CannotAuthorize:
        assert kind is WalletKind.CONTRACT
        return
    made = plan(terms, way, state, kind)
    calls = [call for step in made.steps if isinstance(step, SendCalls) for call in step.calls]
    assert all(amount in (0, most) for _, amount in approvals([*calls, *made.rehearsal]))
    assert all(call.value == 0 for call in calls)
    if made.permit is not None:
        message = made.permit["message"]
        granted = message["value"] if way is Authorization.PERMIT else message["details"]["amount"]
        assert granted == str(most)


@given(amounts, st.integers(0, 2**48 - 1), st.integers(0, 2**160 - 1))
def test_permit2_is_signed_for_until_the_deadline_unless_it_reaches_that_far_already(
    most: int, expiration: int, granted: int
) -> None:
    terms = terms_with(most)
    state = state_with(permit2_allowance=most, permit2_grant=permit2.Permit2Allowance(granted, expiration, 9))
    made = plan(terms, Authorization.PERMIT2, state)
    if granted >= most and expiration >= terms.deadline:
        assert made.permit is None
        assert [type(step) for step in made.steps] == [SendCalls]
    else:
        assert made.permit is not None
        assert made.permit["message"]["details"]["expiration"] == str(terms.deadline)
        assert made.permit["message"]["details"]["nonce"] == "9"
        assert [type(step) for step in made.steps] == [SignTypedData, Waiting]


def test_coin_needs_no_authorization_whatever_was_asked_for() -> None:
    terms = terms_with(token_in=NATIVE, token_out=USDC)
    for asked in (None, *list(Authorization)[1:]):
        assert authorization_for(terms, WalletKind.EOA, state_with(), asked) is Authorization.NONE
    (step,) = plan(terms, Authorization.NONE, state_with()).steps
    assert isinstance(step, SendCalls)
    assert step.calls[0].value == terms.maximum_in


def test_a_key_takes_the_way_of_the_fewest_transactions() -> None:
    terms, some = terms_with(), {"permit2_allowance": 10**9}
    best = {
        Authorization.APPROVE: state_with(router_allowance=10**9),
        Authorization.PERMIT: state_with(**some),
        Authorization.PERMIT2: state_with(permit=None, **some),
    }
    for way, state in best.items():
        assert authorization_for(terms, WalletKind.EOA, state, None) is way
    too_little = state_with(router_allowance=10**9 - 1)
    assert authorization_for(terms, WalletKind.EOA, too_little, None) is Authorization.PERMIT
    assert authorization_for(terms, WalletKind.EOA, state_with(permit=None), None) is Authorization.APPROVE
    assert authorization_for(terms, WalletKind.CONTRACT, state_with(), None) is Authorization.APPROVE


@pytest.mark.parametrize("way", [Authorization.PERMIT, Authorization.PERMIT2])
def test_what_a_key_signs_is_what_the_calldata_brings_along(way: Authorization) -> None:
    terms, state = terms_with(), state_with(permit2_allowance=10**9)
    permit = plan(terms, way, state).permit
    assert permit is not None
    signable = encode_typed_data(full_message=dict(permit))
    digest = typed_data_hash(permit["domain"], permit["types"], permit["primaryType"], permit["message"])
    signed = KEY.sign_message(signable)
    assert signed.message_hash == digest
    call = signed_swap(terms, permit, bytes(signed.signature))
    v, r, s = split_signature(bytes(signed.signature))
    if way is Authorization.PERMIT:
        deadline, parts = MULTICALL.decode_arguments(call.data)
        assert deadline == terms.deadline
        assert SELF_PERMIT.decode_arguments(parts[0]) == (USDC, 10**9, terms.deadline, v, r, s)
    else:
        commands, inputs, deadline = universal_router.EXECUTE.decode_arguments(call.data)
        assert (commands, deadline) == (b"\x8a\x00", terms.deadline)
        assert inputs[0].endswith(r + s + bytes([v]) + bytes(31))


@given(st.binary(max_size=200).filter(lambda raw: len(raw) not in (64, 65)))
def test_only_signatures_of_keys_fit_a_router(raw: bytes) -> None:
    with pytest.raises(MalformedSignature):
        split_signature(raw)


def test_a_compact_signature_says_the_same_as_a_plain_one() -> None:
    plain = bytes(KEY.unsafe_sign_hash(b"\x01" * 32).signature)
    v, _, s = split_signature(plain)
    compact = plain[:32] + (int.from_bytes(s, "big") | (v - 27) << 255).to_bytes(32, "big")
    assert split_signature(compact) == split_signature(plain)
    assert split_signature(plain[:64] + bytes([v - 27])) == split_signature(plain)


def test_a_signature_in_the_upper_half_of_the_order_is_malformed() -> None:
    with pytest.raises(MalformedSignature):
        split_signature(b"\x01" * 32 + b"\xff" * 32 + b"\x1b")
    with pytest.raises(MalformedSignature):
        split_signature(b"\x01" * 64 + b"\x1d")


@pytest.mark.parametrize(
    ("raw", "decimals", "shown"),
    [
        (2**255 + 1, 0, str(2**255 + 1)),
        (10**40 + 1, 18, "10000000000000000000000.000000000000000001"),
        (1_500_000, 6, "1.5"),
        (20, 0, "20"),
        (1, 77, "0." + "0" * 76 + "1"),
    ],
)
def test_titles_show_amounts_to_the_last_unit(raw: int, decimals: int, shown: str) -> None:
    paid, got = (TokenMetadata(BASE, token, "T", "Token", decimals) for token in (USDC, WETH))
    assert SwapTitles.of(terms_with(raw), paid, got).approve == f"Allow {shown} T to be taken"
