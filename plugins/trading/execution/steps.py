"""What a user signs for a swap, by the kind of wallet. Pure.

| wallet   | authorization      | steps                                                                  |
|----------|--------------------|------------------------------------------------------------------------|
| any      | none is missing    | the swap                                                               |
| key      | APPROVE            | take an old allowance back, approve, swap: a transaction each          |
| key      | PERMIT             | sign the token's permit; the swap brings it along                      |
| key      | PERMIT2            | approve Permit2 if it is not yet; sign its permit; the swap brings it  |
| contract | APPROVE            | one batch of all three, all or nothing                                 |
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from colonnade.actions import PreparedCall, SendCalls, SignTypedData, StepDraft, Waiting
from colonnade.money import to_units
from colonnade.tokens import TokenMetadata
from colonnade.wallets import WalletKind
from plugins.trading.execution import permit2, swap_router, universal_router
from plugins.trading.execution.approvals import approval_calls
from plugins.trading.execution.authorization import Authorization
from plugins.trading.execution.permits import permit_to_sign
from plugins.trading.execution.terms import SwapTerms
from plugins.trading.execution.wallet_state import WalletState


@dataclass(frozen=True, slots=True)
class SwapPlan:
    """How a swap is made.

    `steps`: what the user signs. `rehearsal`: the same as calls of the account itself, where allowances stand in for
    signatures that are not there yet. `permit`: what is to be signed, if anything is.
    """

    steps: tuple[StepDraft, ...]
    rehearsal: tuple[PreparedCall, ...]
    permit: Mapping[str, Any] | None = None


def plan_swap(
    terms: SwapTerms,
    kind: WalletKind,
    authorization: Authorization,
    state: WalletState,
    titles: SwapTitles,
) -> SwapPlan:
    """The steps of a swap that is authorized in one way."""
    network, needed = terms.network, terms.maximum_in
    match authorization:
        case Authorization.NONE:
            swap = swap_router.swap_call(terms)
            return SwapPlan((SendCalls(titles.swap, (swap,)),), (swap,))
        case Authorization.APPROVE:
            swap = swap_router.swap_call(terms)
            before = approval_calls(terms.token_in, network.swap_router, state.router_allowance, needed)
            return _approved(kind, before, swap, titles)
        case Authorization.PERMIT:
            if state.router_allowance >= needed:
                return plan_swap(terms, kind, Authorization.APPROVE, state, titles)
            permit = permit_to_sign(terms, authorization, state)
            before = approval_calls(terms.token_in, network.swap_router, state.router_allowance, needed)
            return SwapPlan(_signed((), permit, titles), (*before, swap_router.swap_call(terms)), permit)
        case Authorization.PERMIT2:
            swap = universal_router.swap_call(terms)
            before = approval_calls(terms.token_in, network.permit2, state.permit2_allowance, needed)
            assert state.permit2_grant is not None, "Permit2 was to be used where there is none"
            if state.permit2_grant.covers(needed, terms.deadline):
                return _approved(kind, before, swap, titles)
            permit = permit_to_sign(terms, authorization, state)
            grant = permit2.approve_call(
                network.permit2, terms.token_in, network.universal_router, needed, terms.deadline
            )
            return SwapPlan(_signed(before, permit, titles), (*before, grant, swap), permit)


@dataclass(frozen=True, slots=True)
class SwapTitles:
    """What wallets show for each step."""

    reset: str
    approve: str
    permit: str
    swap: str

    @classmethod
    def of(cls, terms: SwapTerms, token_in: TokenMetadata, token_out: TokenMetadata) -> SwapTitles:
        """Titles with the amounts that the calldata holds."""
        paid, got = _amount(token_in, terms.maximum_in), _amount(token_out, terms.minimum_out)
        bounds = f"{paid} for at least {got}" if terms.selling else f"at most {paid} for {got}"
        return cls(
            reset=f"Take back the old allowance of {token_in.symbol}",
            approve=f"Allow {paid} to be taken",
            permit=f"Permit {paid} to be taken",
            swap=f"Swap {bounds}",
        )


def _approved(
    kind: WalletKind, before: Sequence[PreparedCall], swap: PreparedCall, titles: SwapTitles
) -> SwapPlan:
    calls = (*before, swap)
    if kind is WalletKind.CONTRACT:
        return SwapPlan((SendCalls(titles.swap, calls, atomic_required=len(calls) > 1),), calls)
    return SwapPlan((*_approvals(before, titles), SendCalls(titles.swap, (swap,))), calls)


def _signed(
    before: Sequence[PreparedCall], permit: Mapping[str, Any], titles: SwapTitles
) -> tuple[StepDraft, ...]:
    return (*_approvals(before, titles), SignTypedData(titles.permit, permit), Waiting(titles.swap))


def _approvals(calls: Sequence[PreparedCall], titles: SwapTitles) -> list[SendCalls]:
    names = (titles.reset, titles.approve)[-len(calls) :] if calls else ()
    return [SendCalls(name, (call,)) for name, call in zip(names, calls, strict=True)]


def _amount(token: TokenMetadata, raw: int) -> str:
    exact = f"{to_units(raw, token.decimals):f}"
    return f"{exact.rstrip('0').rstrip('.') if '.' in exact else exact} {token.symbol}"
