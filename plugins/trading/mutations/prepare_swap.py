"""`prepareSwap`: a swap to sign."""

from typing import Annotated

import strawberry

from colonnade import Context, Info, Refused, extend
from colonnade.actions import Action, ActionDraft, Actions
from colonnade.actions.loading import load_actions
from colonnade.actions.refusals import AccountNotLinked
from colonnade.actions.types import PreparedAction
from colonnade.cost import UPSTREAM, cost
from colonnade.idempotency import IdempotentRequest, once
from colonnade.permissions import requires
from colonnade.results import UserError, ValidationFailed
from colonnade.store import Writes
from colonnade.tokens import TokenAmount
from colonnade.wallets import Wallet, Wallets
from plugins.trading.execution.authorization import CannotAuthorize
from plugins.trading.execution.preparing import BalanceTooLow, ImpactTooHigh, SwapWish, draft_swap
from plugins.trading.execution.rehearsal import SwapFails
from plugins.trading.mutations.swap_input import issues_in, order_of, wallet_issues_in, wish_of
from plugins.trading.pricing import SwapPricing, UnknownTokens
from plugins.trading.rates import basis_points
from plugins.trading.router import NoRouteFound
from plugins.trading.types.prepare_swap import PrepareSwapInput, PrepareSwapResult, SwapOrderInput
from plugins.trading.types.refusals import NoRoute, TokenNotFound
from plugins.trading.types.swap_refusals import (
    AuthorizationUnavailable,
    InsufficientBalance,
    PriceImpactTooHigh,
    SimulationFailed,
)


@extend("Mutation")
class PrepareSwap:
    @strawberry.mutation(
        extensions=[cost(2 * UPSTREAM), requires()],
        description="Prepare a swap for the account's own key: priced and tried out at the newest block, with the least "
        "output and the most input in its calldata, and allowances of exactly what it may take. Nothing is sent.",
    )
    async def prepare_swap(
        self,
        info: Info,
        input: Annotated[PrepareSwapInput, strawberry.argument(description="The swap.")],  # noqa: A002 - the API's name
    ) -> PrepareSwapResult | None:
        context = info.context
        issues = list(issues_in(input, context.clock.now()))
        if issues:
            raise Refused(ValidationFailed.of(issues))
        request = IdempotentRequest.of(context, "prepareSwap", input.idempotency_key, _arguments(input))
        prepared: list[Action] = []

        async def effect() -> tuple[str, Writes]:
            wallet = await _linked(context, input)
            impossible = list(wallet_issues_in(input, wallet.kind))
            if impossible:
                raise Refused(ValidationFailed.of(impossible))
            draft = await _draft(context, wish_of(input, wallet.kind), order_of(input))
            action, writes = await context.services.get(Actions).prepare(context, draft)
            prepared.append(action)
            return action.id, writes

        action_id = await once(context, request, effect)
        if prepared:
            return PreparedAction.of(prepared[0])
        (earlier,) = await load_actions(context, [action_id])
        return earlier


async def _linked(context: Context, given: PrepareSwapInput) -> Wallet:
    """The caller's wallet at `account`. Raises `Refused` with `AccountNotLinked`."""
    assert context.principal is not None, "the field requires a signed-in caller"
    wallets = await context.services.get(Wallets).linked(context, context.principal.id)
    for wallet in wallets:
        if wallet.address == given.account:
            return wallet
    raise Refused(
        AccountNotLinked(
            message=f"{given.account} is not a wallet that you have linked; link it first",
            path=["input", "account"],
        )
    )


async def _draft(context: Context, wish: SwapWish, order: SwapOrderInput) -> ActionDraft:
    """The action to sign. Raises `Refused` with whatever speaks against it."""
    try:
        return await draft_swap(context, context.services.get(SwapPricing), wish)
    except UnknownTokens as unknown:
        side = "tokenIn" if order.token_in in unknown.addresses else "tokenOut"
        message = f"no ERC-20 token at {', '.join(unknown.addresses)}"
        path = ["input", "swap", "order", side]
        refusal: UserError = TokenNotFound(message=message, path=path, addresses=list(unknown.addresses))
    except NoRouteFound as none:
        refusal = NoRoute.of(none.refusals)
    except BalanceTooLow as low:
        refusal = _insufficient(wish, low)
    except ImpactTooHigh as high:
        refusal = _impact(wish, high)
    except CannotAuthorize as closed:
        refusal = AuthorizationUnavailable(message=str(closed), path=["input", "authorization"])
    except SwapFails as failing:
        refusal = SimulationFailed(
            message=f"the swap fails when it is tried out: {failing}",
            retryable=True,
            revert_reason=str(failing),
            shortfall_bps=failing.shortfall_bps,
        )
    raise Refused(refusal)


def _insufficient(wish: SwapWish, low: BalanceTooLow) -> InsufficientBalance:
    token = low.priced.tokens[wish.token_in]
    return InsufficientBalance(
        message=f"{wish.account} holds {low.held} of the {low.required} atomic units that the swap takes",
        path=["input", "account"],
        required=TokenAmount.of(token, low.required),
        held=TokenAmount.of(token, low.held),
    )


def _impact(wish: SwapWish, high: ImpactTooHigh) -> PriceImpactTooHigh:
    impact = basis_points(high.priced.route.price_impact)
    return PriceImpactTooHigh(
        message=f"the size of the swap loses {impact} basis points of its output, and {wish.max_price_impact_bps} were "
        "allowed; swap less, or allow more",
        path=["input", "maxPriceImpactBps"],
        price_impact_bps=impact,
        max_price_impact_bps=wish.max_price_impact_bps,
    )


def _arguments(given: PrepareSwapInput) -> dict[str, object]:
    """All that decides what is prepared, for telling one request from another."""
    order = order_of(given)
    return {
        "order": [order.token_in, order.token_out, order.amount, order.trade_type.name, order.chain_id],
        "account": given.account,
        "recipient": given.recipient,
        "slippage_bps": given.slippage_bps,
        "deadline": given.deadline,
        "max_price_impact_bps": given.max_price_impact_bps,
        "authorization": given.authorization and given.authorization.name,
    }
