"""Why a swap is not prepared, as clients see it."""

from decimal import Decimal

import strawberry

from colonnade.results import UserError, user_error
from colonnade.tokens import TokenAmount


@user_error("INSUFFICIENT_BALANCE", advice="Offer at most what is `held`.")
class InsufficientBalance(UserError):
    """The account holds less than the swap takes."""

    required: TokenAmount = strawberry.field(description="What the swap takes at its price.")
    held: TokenAmount = strawberry.field(description="What the account holds.")


@user_error(
    "PRICE_IMPACT_TOO_HIGH",
    advice="Swap less at once, or have the user accept the loss with a higher `maxPriceImpactBps`.",
)
class PriceImpactTooHigh(UserError):
    """The size of the swap itself loses a larger share of the output than allowed."""

    price_impact_bps: Decimal = strawberry.field(
        description="The share of the output that is lost, in basis points."
    )
    max_price_impact_bps: int = strawberry.field(description="What was allowed, in basis points.")


@user_error(
    "AUTHORIZATION_UNAVAILABLE", advice="Leave `authorization` out, or choose the one that the message names."
)
class AuthorizationUnavailable(UserError):
    """The tokens cannot be taken in the way that was asked for."""


@user_error(
    "SIMULATION_FAILED",
    advice="Show the reason; prepare it again with another amount or a wider `slippageBps`.",
)
class SimulationFailed(UserError):
    """Tried out on the chain's state, the swap does not do what it is for."""

    revert_reason: str = strawberry.field(
        description="What happened instead, in the contract's words where it has any."
    )
    shortfall_bps: int | None = strawberry.field(
        description="How much less than its price the swap would bring, in basis points; null where that was not measured."
    )
