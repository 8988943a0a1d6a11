"""The price of a swap as clients see it."""

from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry

from colonnade.blocks import Block
from colonnade.chains import BASE, ChainId
from colonnade.evm import Address
from colonnade.results import ValidationFailed
from colonnade.scalars import BigInt
from colonnade.tokens import TokenAmount
from plugins.trading.pricing import PricedSwap
from plugins.trading.rates import basis_points, rate, significant
from plugins.trading.routes import Leg, TradeType
from plugins.trading.types.pools import PoolType, pool_type
from plugins.trading.types.refusals import NoRoute, TokenNotFound


@strawberry.enum(name="TradeType", description="Which side of a swap is given.")
class TradeTypeEnum(Enum):
    EXACT_INPUT = strawberry.enum_value(TradeType.EXACT_INPUT, description="What is paid.")
    EXACT_OUTPUT = strawberry.enum_value(TradeType.EXACT_OUTPUT, description="What is bought.")


@strawberry.input(description="A swap to be priced.")
class SwapPriceInput:
    token_in: Address = strawberry.field(
        description="What is paid with. The chain's own coin (ERC-7528) is priced as its wrapped token, which is one to one."
    )
    token_out: Address = strawberry.field(
        description="What is bought; the same holds for the chain's own coin."
    )
    amount: BigInt = strawberry.field(
        description="Atomic units of tokenIn for EXACT_INPUT, of tokenOut otherwise."
    )
    trade_type: TradeTypeEnum = strawberry.field(
        default=TradeTypeEnum.EXACT_INPUT, description="Which side `amount` is of."
    )
    chain_id: ChainId = strawberry.field(default=BASE, description="The chain to swap on.")


@strawberry.type(description="One swap of a route.")
class RouteLeg:
    pool: PoolType = strawberry.field(description="The pool that makes it, in the state before the swap.")
    amount_in: TokenAmount = strawberry.field(description="What the pool takes, its fee included.")
    amount_out: TokenAmount = strawberry.field(description="What the pool pays, all of it into the next leg.")
    ticks_crossed: int = strawberry.field(
        description="Initialised ticks that the pool's price crosses; 0 for a constant-product pool."
    )


@strawberry.type(
    description="What a swap costs to execute as a transaction of its own, with allowances in place."
)
class GasEstimate:
    units: BigInt = strawberry.field(description="Gas, from measurements of Uniswap's router; an estimate.")
    base_fee: BigInt = strawberry.field(
        description="Wei for a unit of gas at the block, without priority fee."
    )
    l2_fee: TokenAmount = strawberry.field(description="Units times base fee.")
    l1_data_fee: TokenAmount | None = strawberry.field(
        description="An upper bound of what the chain charges for the transaction's data on L1; null where it charges nothing, or does not say."
    )
    total: TokenAmount = strawberry.field(description="Both fees together.")


@strawberry.type(description="What a swap would bring if it were executed in the state of `block`.")
class SwapPrice:
    trade_type: TradeTypeEnum = strawberry.field(description="Which side was given.")
    amount_in: TokenAmount = strawberry.field(description="What is paid, fees included.")
    amount_out: TokenAmount = strawberry.field(description="What is bought, to the atomic unit.")
    price: Decimal = strawberry.field(
        description="Whole units of the output for one of the input, fees and price impact included; 18 significant digits."
    )
    mid_price: Decimal = strawberry.field(
        description="The same for a very small swap on this route without fees; 18 significant digits."
    )
    price_impact_bps: Decimal = strawberry.field(
        description="The share of the output lost to the size of the swap, in basis points: 1 − ∏ out / (mid price · (in − fee)) over the legs. Fees do not count."
    )
    route: list[RouteLeg] = strawberry.field(
        description="The best route by amount, of every direct one and every one through one common token; gas is not weighed."
    )
    gas: GasEstimate = strawberry.field(description="What it costs to execute.")
    block: Block = strawberry.field(description="The block that the price holds for.")

    @classmethod
    def of(cls, priced: PricedSwap) -> "SwapPrice":
        """What clients see of a priced swap."""
        route, block = priced.route, priced.market.block
        token_in, token_out = priced.tokens[priced.token_in], priced.tokens[priced.token_out]
        decimals = token_out.decimals, token_in.decimals
        return cls(
            trade_type=TradeTypeEnum[priced.trade_type.name],
            amount_in=TokenAmount.of(token_in, route.amount_in),
            amount_out=TokenAmount.of(token_out, route.amount_out),
            price=significant(rate(route.amount_out, decimals[0], route.amount_in, decimals[1])),
            mid_price=significant(rate(route.mid_price, decimals[0], 1, decimals[1])),
            price_impact_bps=basis_points(route.price_impact),
            route=[_leg(leg, priced) for leg in route.legs],
            gas=_gas(priced),
            block=Block.of(block),
        )


SwapPriceResult = Annotated[
    SwapPrice | NoRoute | TokenNotFound | ValidationFailed,
    strawberry.union("SwapPriceResult", description="The price of a swap, or why there is none."),
]


def _leg(leg: Leg, priced: PricedSwap) -> RouteLeg:
    return RouteLeg(
        pool=pool_type(leg.pool, priced.tokens, priced.market.block),
        amount_in=TokenAmount.of(priced.tokens[leg.token_in], leg.fill.amount_in),
        amount_out=TokenAmount.of(priced.tokens[leg.token_out], leg.fill.amount_out),
        ticks_crossed=leg.fill.ticks_crossed,
    )


def _gas(priced: PricedSwap) -> GasEstimate:
    native, l1_fee = priced.network.native, priced.l1_fee
    l2_fee = priced.gas_units * priced.market.block.base_fee
    return GasEstimate(
        units=BigInt(priced.gas_units),
        base_fee=BigInt(priced.market.block.base_fee),
        l2_fee=TokenAmount.of(native, l2_fee),
        l1_data_fee=None if l1_fee is None else TokenAmount.of(native, l1_fee),
        total=TokenAmount.of(native, l2_fee + (l1_fee or 0)),
    )
