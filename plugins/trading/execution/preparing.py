"""From a wish to an action to sign: read, priced, bounded, authorized, tried out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from colonnade.actions import ActionDraft, ActionWarning, Effect
from colonnade.context import Context
from colonnade.evm import Address
from colonnade.money import to_units
from colonnade.store import Value
from colonnade.wallets import WalletKind
from plugins.trading.execution.authorization import Authorization, authorization_for
from plugins.trading.execution.executable import SwapRequest, executable_route, terms_of
from plugins.trading.execution.proof import SWAP
from plugins.trading.execution.rehearsal import Measured, rehearse
from plugins.trading.execution.steps import SwapPlan, SwapTitles, plan_swap
from plugins.trading.execution.terms import SwapTerms
from plugins.trading.execution.wallet_state import WalletState, read_wallet_state
from plugins.trading.networks import Network
from plugins.trading.pricing import PricedSwap, SwapPricing
from plugins.trading.rates import basis_points
from plugins.trading.routes import TradeType

NOTABLE_SLIPPAGE_BPS = 300
NOTABLE_IMPACT_BPS = 300
"""From here on the user is warned."""


@dataclass(frozen=True, slots=True)
class SwapWish:
    """What a user wants: amounts in atomic units, shares in basis points. `deadline`: None is `lasts` from now."""

    network: Network
    account: Address
    kind: WalletKind
    recipient: Address
    token_in: Address
    token_out: Address
    amount: int
    trade_type: TradeType
    slippage_bps: int
    max_price_impact_bps: int
    authorization: Authorization | None
    deadline: datetime | None
    lasts: timedelta


class BalanceTooLow(Exception):
    """The account holds less of the token than the swap takes; atomic units."""

    def __init__(self, priced: PricedSwap, required: int, held: int) -> None:
        self.priced, self.required, self.held = priced, required, held
        super().__init__(f"{held} of {required}")


class ImpactTooHigh(Exception):
    """The swap loses more of its output to its size than allowed."""

    def __init__(self, priced: PricedSwap) -> None:
        self.priced = priced
        super().__init__(f"{basis_points(priced.route.price_impact)} basis points")


async def draft_swap(context: Context, pricing: SwapPricing, wish: SwapWish) -> ActionDraft:
    """The action that makes the swap at the state of the chain's newest block.

    Two round trips: one that reads, one that tries it out. Raises `UnknownTokens`, `NoRouteFound`, `BalanceTooLow`,
    `ImpactTooHigh`, `CannotAuthorize`, `SwapFails` and `ChainUnavailable`.
    """
    chain = context.chain(wish.network.chain_id)
    # Started together, so that they travel together.
    priced, state = await asyncio.gather(
        pricing.price(
            chain,
            wish.network,
            token_in=wish.token_in,
            token_out=wish.token_out,
            amount=wish.amount,
            trade_type=wish.trade_type,
            now=context.clock.now(),
            max_age=timedelta(0),
            choose=executable_route,
        ),
        read_wallet_state(chain, wish.network, wish.account, wish.token_in),
    )
    terms = terms_of(priced, _request(wish, priced, context.clock.now()))
    held = state.held or 0
    if held < terms.amount_in:
        raise BalanceTooLow(priced, terms.amount_in, held)
    if basis_points(priced.route.price_impact) > wish.max_price_impact_bps:
        raise ImpactTooHigh(priced)
    # What an output may cost at most need not be there: the account can never pay more than it can spare.
    terms = replace(terms, maximum_in=min(terms.maximum_in, _spendable(wish, priced, terms, held)))
    authorization = authorization_for(terms, wish.kind, state, wish.authorization)
    titles = SwapTitles.of(terms, priced.tokens[terms.token_in], priced.tokens[terms.token_out])
    plan = plan_swap(terms, wish.kind, authorization, state, titles)
    unbounded = plan_swap(terms.without_minimum(), wish.kind, authorization, state, titles)
    found = await rehearse(chain, terms, plan.rehearsal, unbounded.rehearsal)
    return ActionDraft(
        kind=SWAP,
        account=terms.account,
        chain_id=terms.chain_id,
        steps=plan.steps,
        expires_at=datetime.fromtimestamp(terms.deadline, UTC),
        effects=_effects(terms, found.measured),
        warnings=(*_warnings(wish, priced, terms, state), *found.warnings),
        details=_details(terms, plan, priced),
    )


def _effects(terms: SwapTerms, measured: Measured | None) -> tuple[Effect, ...]:
    """What the swap is to change at most and at least, and what it changed when it was tried out."""
    spent, received = (None, None) if measured is None else (-measured.spent, measured.received)
    return (
        Effect(terms.account, terms.token_in, -terms.maximum_in, simulated=spent),
        Effect(terms.recipient, terms.token_out, terms.minimum_out, simulated=received),
    )


def _request(wish: SwapWish, priced: PricedSwap, now: datetime) -> SwapRequest:
    # The chain compares deadlines with its own clock, which may be ahead of ours.
    latest = max(now, priced.market.block.timestamp)
    deadline = wish.deadline or latest + wish.lasts
    return SwapRequest(wish.account, wish.recipient, wish.slippage_bps, int(deadline.timestamp()))


def _spendable(wish: SwapWish, priced: PricedSwap, terms: SwapTerms, held: int) -> int:
    """What the account can pay at most: of the coin, a key keeps what gas costs, twice since fees move."""
    if not terms.native_in or wish.kind is not WalletKind.EOA:
        return held
    return max(terms.amount_in, held - 2 * _fee(priced))


def _fee(priced: PricedSwap) -> int:
    """About what the swap costs as a transaction, wei."""
    return priced.gas_units * priced.market.block.base_fee + (priced.l1_fee or 0)


def _details(terms: SwapTerms, plan: SwapPlan, priced: PricedSwap) -> dict[str, Value]:
    block = priced.market.block
    return {
        "terms": terms.details(),
        "permit": plan.permit,
        "priced_at": {"number": block.number, "hash": "0x" + block.hash.hex()},
    }


def _warnings(
    wish: SwapWish, priced: PricedSwap, terms: SwapTerms, state: WalletState
) -> Sequence[ActionWarning]:
    return [ActionWarning(code, message) for code, message in _told(wish, priced, terms, state)]


def _told(
    wish: SwapWish, priced: PricedSwap, terms: SwapTerms, state: WalletState
) -> Iterator[tuple[str, str]]:
    block, impact = priced.market.block, basis_points(priced.route.price_impact)
    if terms.recipient != terms.account:
        yield "OTHER_RECIPIENT", f"what is bought goes to {terms.recipient}, and not to the account that pays"
    if wish.slippage_bps >= NOTABLE_SLIPPAGE_BPS:
        yield (
            "HIGH_SLIPPAGE",
            f"the swap may turn out {wish.slippage_bps} basis points worse than its price at block {block.number}",
        )
    if impact >= NOTABLE_IMPACT_BPS:
        yield "PRICE_IMPACT", f"the size of the swap loses {impact} basis points of the output"
    if terms.intermediate is not None:
        yield (
            "OUTPUT_IS_AT_LEAST",
            "two protocols make this swap: it brings at least the output, and a little more while prices stand still",
        )
    fee = _fee(priced)
    left = state.coin - (terms.maximum_in if terms.native_in else 0)
    if left < fee and wish.kind is WalletKind.EOA:
        coin = priced.network.native
        yield (
            "LITTLE_GAS",
            f"the account keeps {to_units(left, coin.decimals):f} {coin.symbol}, and a swap costs about {to_units(fee, coin.decimals):f}",
        )
