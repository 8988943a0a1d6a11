"""Pricing swaps."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Final

import strawberry

from colonnade import Info, Refused, extend
from colonnade.cost import upstream
from colonnade.results import ValidationFailed, ValidationIssue
from plugins.trading.networks import NETWORKS, untraded
from plugins.trading.pricing import SwapPricing, UnknownTokens
from plugins.trading.router import NoRouteFound
from plugins.trading.routes import TradeType
from plugins.trading.settings import TradingSettings
from plugins.trading.types.refusals import NoRoute, TokenNotFound
from plugins.trading.types.swaps import SwapPrice, SwapPriceInput, SwapPriceResult

_MAX_AMOUNT: Final = 2**256 - 1


@extend("Query")
class SwapQueries:
    @strawberry.field(
        description="What a swap would bring now; less of a token that charges for transfers. Nothing is sent or reserved.",
        extensions=[upstream()],
    )
    async def swap_price(
        self,
        info: Info,
        input: Annotated[SwapPriceInput, strawberry.argument(description="The swap.")],  # noqa: A002 - the API's name
    ) -> SwapPriceResult | None:
        issues = list(_issues(input))
        if issues:
            raise Refused(ValidationFailed.of(issues))
        context = info.context
        settings = context.setting(TradingSettings)
        try:
            priced = await context.services.get(SwapPricing).price(
                context.chain(input.chain_id),
                NETWORKS[input.chain_id],
                token_in=input.token_in,
                token_out=input.token_out,
                amount=input.amount,
                trade_type=TradeType[input.trade_type.name],
                now=context.clock.now(),
                max_age=timedelta(seconds=settings.pool_state_max_age_seconds),
            )
        except UnknownTokens as unknown:
            raise Refused(_not_found(input, unknown)) from unknown
        except NoRouteFound as none:
            raise Refused(NoRoute.of(none.refusals)) from none
        return SwapPrice.of(priced)


def _issues(swap: SwapPriceInput) -> Iterator[ValidationIssue]:
    network = NETWORKS.get(swap.chain_id)
    if network is None:
        yield _issue("chainId", "UNSUPPORTED_CHAIN", untraded(swap.chain_id))
    elif network.tradable(swap.token_in) == network.tradable(swap.token_out):
        yield _issue(
            "tokenOut", "SAME_TOKEN", "must differ from tokenIn; wrapping the chain's coin is one to one"
        )
    if not 1 <= swap.amount <= _MAX_AMOUNT:
        yield _issue("amount", "OUT_OF_RANGE", "must be between 1 and 2^256 - 1 atomic units")


def _issue(field: str, code: str, message: str) -> ValidationIssue:
    return ValidationIssue(path=["input", field], code=code, message=message)


def _not_found(swap: SwapPriceInput, unknown: UnknownTokens) -> TokenNotFound:
    fields = {swap.token_in: "tokenIn", swap.token_out: "tokenOut"}
    first = unknown.addresses[0]
    return TokenNotFound(
        message=f"no ERC-20 token at {', '.join(unknown.addresses)}",
        path=["input", fields[first]],
        addresses=list(unknown.addresses),
    )
