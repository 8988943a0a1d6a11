"""How a router comes to take the tokens that a swap pays with. Pure."""

from __future__ import annotations

from enum import Enum

from colonnade.wallets import WalletKind
from plugins.trading.execution.permit2 import MAX_AMOUNT
from plugins.trading.execution.terms import SwapTerms
from plugins.trading.execution.wallet_state import WalletState


class Authorization(Enum):
    """How a router is let take tokens. `NONE`: it need not be, for the coin is sent along."""

    NONE = "NONE"
    APPROVE = "APPROVE"
    PERMIT = "PERMIT"
    PERMIT2 = "PERMIT2"


class CannotAuthorize(Exception):
    """The way that was asked for is not open to this wallet and token; the message says why and what is."""


def authorization_for(
    terms: SwapTerms, kind: WalletKind, state: WalletState, asked: Authorization | None
) -> Authorization:
    """The way to go: what was `asked` for, or what takes the wallet fewest transactions.

    Contracts do it all in one batch, where an approval costs least. Raises `CannotAuthorize`.
    """
    if terms.native_in:
        return Authorization.NONE
    if asked is None:
        return _best(terms, kind, state)
    if kind is WalletKind.CONTRACT and asked is not Authorization.APPROVE:
        raise CannotAuthorize("a contract's wallet approves and swaps in one batch; use APPROVE")
    if asked is Authorization.PERMIT and state.permit is None:
        raise CannotAuthorize(
            "the token has no permits of ERC-2612 that can be relied on; use APPROVE or PERMIT2"
        )
    if asked is Authorization.PERMIT2 and not _has_permit2(terms, state):
        raise CannotAuthorize("Permit2 is not here, or does not count as far as this amount; use APPROVE")
    return asked


def _best(terms: SwapTerms, kind: WalletKind, state: WalletState) -> Authorization:
    if kind is WalletKind.CONTRACT or state.router_allowance >= terms.maximum_in:
        return Authorization.APPROVE
    if state.permit is not None:
        return Authorization.PERMIT
    if state.permit2_allowance >= terms.maximum_in and _has_permit2(terms, state):
        return Authorization.PERMIT2
    return Authorization.APPROVE


def _has_permit2(terms: SwapTerms, state: WalletState) -> bool:
    return state.permit2_grant is not None and terms.maximum_in <= MAX_AMOUNT
