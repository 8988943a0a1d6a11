"""What clients give to have a swap prepared, and what they get."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry

from colonnade.actions.refusals import AccountNotLinked
from colonnade.actions.types import PreparedAction
from colonnade.chains import BASE, ChainId
from colonnade.evm import Address
from colonnade.results import IdempotencyConflict, IdempotencyInProgress, ValidationFailed
from colonnade.scalars import BigInt
from plugins.trading.execution.authorization import Authorization
from plugins.trading.types.refusals import NoRoute, TokenNotFound
from plugins.trading.types.swap_refusals import (
    AuthorizationUnavailable,
    InsufficientBalance,
    PriceImpactTooHigh,
    SimulationFailed,
)
from plugins.trading.types.swaps import TradeTypeEnum


@strawberry.enum(
    name="SwapAuthorization", description="How a router is let take the tokens that a swap pays with."
)
class SwapAuthorizationEnum(Enum):
    APPROVE = strawberry.enum_value(
        Authorization.APPROVE, description="By a transaction that approves exactly what the swap may take."
    )
    PERMIT = strawberry.enum_value(
        Authorization.PERMIT, description="By a signature that the token itself takes (ERC-2612)."
    )
    PERMIT2 = strawberry.enum_value(
        Authorization.PERMIT2,
        description="By a signature that Uniswap's Permit2 takes, good until the deadline.",
    )


@strawberry.input(description="A swap, priced at the block that it is prepared at.")
class SwapOrderInput:
    token_in: Address = strawberry.field(
        description="What is paid with; the chain's own coin (ERC-7528) is sent along and wrapped on the way."
    )
    token_out: Address = strawberry.field(
        description="What is bought; the chain's own coin is unwrapped before it is paid out."
    )
    amount: BigInt = strawberry.field(
        description="Atomic units of tokenIn for EXACT_INPUT, of tokenOut otherwise."
    )
    trade_type: TradeTypeEnum = strawberry.field(
        default=TradeTypeEnum.EXACT_INPUT, description="Which side `amount` is of."
    )
    chain_id: ChainId = strawberry.field(default=BASE, description="The chain to swap on.")


@strawberry.input(one_of=True, description="Which swap to prepare: exactly one of these.")
class SwapChoiceInput:
    order: strawberry.Maybe[SwapOrderInput] = strawberry.field(description="One that is priced now.")


@strawberry.input(description="A swap to be prepared for signing.")
class PrepareSwapInput:
    swap: SwapChoiceInput = strawberry.field(description="Which swap.")
    account: Address = strawberry.field(
        description="Who signs and pays: a wallet that the caller has linked."
    )
    idempotency_key: strawberry.ID = strawberry.field(
        description="The same key and arguments within 24 hours give the same action; 1 to 255 characters."
    )
    recipient: Address | None = strawberry.field(
        default=None, description="Who gets what is bought; `account` unless given."
    )
    slippage_bps: int | None = strawberry.field(
        default=None,
        description="How much worse than its price the swap may turn out, in basis points, 1 to 5000; 50 unless given.",
    )
    deadline: datetime | None = strawberry.field(
        default=None,
        description="Until when it may be executed, 30 seconds to 2 hours from now; in 20 minutes unless given.",
    )
    max_price_impact_bps: int | None = strawberry.field(
        default=None,
        description="The share of the output that may be lost to the size of the swap, in basis points, 0 to 10000; 1500 unless given.",
    )
    authorization: SwapAuthorizationEnum | None = strawberry.field(
        default=None,
        description="How tokenIn is taken; what takes this wallet fewest transactions unless given.",
    )


PrepareSwapResult = Annotated[
    PreparedAction
    | AccountNotLinked
    | ValidationFailed
    | NoRoute
    | TokenNotFound
    | InsufficientBalance
    | PriceImpactTooHigh
    | AuthorizationUnavailable
    | SimulationFailed
    | IdempotencyConflict
    | IdempotencyInProgress,
    strawberry.union("PrepareSwapResult", description="The swap to sign, or why there is none."),
]
