"""Why a swap has no price, as clients see it."""

from collections.abc import Sequence
from enum import Enum

import strawberry

from colonnade.evm import Address
from colonnade.results import UserError, user_error
from plugins.trading.pools import refusals


@strawberry.enum(description="Why no route can make a swap. More values may be added.")
class NoRouteReason(Enum):
    NO_POOL = strawberry.enum_value(
        "NO_POOL", description="No pool connects the two tokens, directly or through a common one."
    )
    INSUFFICIENT_LIQUIDITY = strawberry.enum_value(
        "INSUFFICIENT_LIQUIDITY", description="The pools that connect them do not hold enough."
    )
    AMOUNT_TOO_SMALL = strawberry.enum_value(
        "AMOUNT_TOO_SMALL", description="The input buys less than one atomic unit."
    )
    PRICE_OUT_OF_REACH = strawberry.enum_value(
        "PRICE_OUT_OF_REACH",
        description="The swap would move a price further than the state that was read reaches, some thousandfold.",
    )


@user_error("NO_ROUTE", advice="Ask for another amount or another pair.")
class NoRoute(UserError):
    """No route can make the swap in the state that the pools are in."""

    reason: NoRouteReason = strawberry.field(description="Why not.")

    @classmethod
    def of(cls, said: Sequence[refusals.SwapRefused]) -> "NoRoute":
        """What `said`, by the pools that were asked, amounts to."""
        if not said:
            return cls(reason=NoRouteReason.NO_POOL, message="no pool connects the two tokens")
        kinds = {type(refusal) for refusal in said}
        if refusals.OutsideWindow in kinds:
            return cls(
                reason=NoRouteReason.PRICE_OUT_OF_REACH,
                message="the swap would move a pool's price further than its state was read; try a smaller amount",
            )
        if kinds == {refusals.ZeroOutput}:
            return cls(
                reason=NoRouteReason.AMOUNT_TOO_SMALL, message="the amount buys less than one atomic unit"
            )
        return cls(
            reason=NoRouteReason.INSUFFICIENT_LIQUIDITY,
            message="the pools that connect the two tokens do not hold enough; try a smaller amount",
        )


@user_error("TOKEN_NOT_FOUND", advice="Correct the address, or the chain.")
class TokenNotFound(UserError):
    """At an address given as a token's there is no ERC-20."""

    addresses: list[Address] = strawberry.field(description="The addresses that are no token's.")
