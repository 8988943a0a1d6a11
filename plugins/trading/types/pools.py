"""Pools as clients see them."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TypedDict

import strawberry

from colonnade.blocks import Block
from colonnade.chains import BlockRef, ChainId
from colonnade.evm import Address
from colonnade.relay import Node
from colonnade.scalars import BigInt
from colonnade.tokens import Token, TokenAmount, TokenMetadata
from plugins.trading.node_ids import on_chain_id
from plugins.trading.pools.concentrated.pool import ConcentratedPool
from plugins.trading.pools.constant_product import ConstantProductPool
from plugins.trading.pools.pool import Pool
from plugins.trading.pools.refusals import SwapRefused
from plugins.trading.rates import basis_points, rate, significant


class PoolFields(TypedDict):
    """What every kind of pool is made with."""

    id: strawberry.ID
    chain_id: ChainId
    address: Address
    protocol: str
    token0: Token
    token1: Token
    fee_bps: Decimal
    price: Decimal | None
    block: Block


@strawberry.interface(
    name="Pool", description="A contract that swaps two tokens at a price its own state gives."
)
class PoolType(Node):
    chain_id: ChainId = strawberry.field(description="The chain it is on.")
    address: Address = strawberry.field(description="Its contract.")
    protocol: str = strawberry.field(description="Whose contracts it is made of, as in uniswap-v3.")
    token0: Token = strawberry.field(description="Of its two tokens the one with the lower address.")
    token1: Token = strawberry.field(description="Of its two tokens the one with the higher address.")
    fee_bps: Decimal = strawberry.field(
        description="The share of a swap's input that its liquidity providers keep, in basis points."
    )
    price: Decimal | None = strawberry.field(
        description="Whole units of token1 for one of token0, before fees, for a very small swap; null while it is empty."
    )
    block: Block = strawberry.field(description="The block that its state was read at.")


@strawberry.type(
    name="ConstantProductPool",
    description="A pool whose two reserves keep their product, as Uniswap v2's pairs do.",
)
class ConstantProductPoolType(PoolType):
    reserve0: TokenAmount = strawberry.field(description="What it holds of token0.")
    reserve1: TokenAmount = strawberry.field(description="What it holds of token1.")


@strawberry.type(
    name="ConcentratedPool",
    description="A pool whose liquidity is spread over ranges of prices, as in Uniswap v3.",
)
class ConcentratedPoolType(PoolType):
    sqrt_price_x96: BigInt = strawberry.field(
        description="The square root of atomic units of token1 for one of token0, times 2^96."
    )
    tick: int = strawberry.field(
        description="The tick that its price is in: the price is about 1.0001 ^ tick."
    )
    tick_spacing: int = strawberry.field(description="Positions begin and end at multiples of it.")
    liquidity: BigInt = strawberry.field(
        description="The liquidity at its price: √(amount0 · amount1) in its formula."
    )


def pool_type(pool: Pool, tokens: Mapping[Address, TokenMetadata], block: BlockRef) -> PoolType:
    """A pool as it was read at `block`; `tokens` holds both of its tokens."""
    token0, token1 = tokens[pool.token0], tokens[pool.token1]
    shared: PoolFields = {
        "id": strawberry.ID(on_chain_id("pool", block.chain_id, pool.address)),
        "chain_id": block.chain_id,
        "address": pool.address,
        "protocol": pool.protocol.value,
        "token0": Token.of(token0),
        "token1": Token.of(token1),
        "fee_bps": basis_points(Fraction(pool.fee_pips, 10**6)),
        "price": _price(pool, token0, token1),
        "block": Block.of(block),
    }
    match pool.state:
        case ConstantProductPool(reserve0, reserve1):
            return ConstantProductPoolType(
                **shared, reserve0=TokenAmount.of(token0, reserve0), reserve1=TokenAmount.of(token1, reserve1)
            )
        case ConcentratedPool() as state:
            return ConcentratedPoolType(
                **shared,
                sqrt_price_x96=BigInt(state.sqrt_price_x96),
                tick=state.tick,
                tick_spacing=state.tick_spacing,
                liquidity=BigInt(state.liquidity),
            )


def _price(pool: Pool, token0: TokenMetadata, token1: TokenMetadata) -> Decimal | None:
    try:
        price = pool.mid_price(pool.token0)
    except SwapRefused:
        return None
    return significant(rate(price, token1.decimals, 1, token0.decimals))
