"""Swaps that were made, as clients see them."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import strawberry

from colonnade import Context
from colonnade.blocks import Block
from colonnade.chains import BlockRef, ChainId, Finality
from colonnade.evm import Address
from colonnade.relay import Node
from colonnade.scalars import BigInt, Bytes32, TxHash
from colonnade.tokens import TokenAmount, TokenMetadata
from plugins.trading.indexing.swap_rows import chain_of, swap_id


class Heads:
    """How far a chain is, asked once for all that want to know, and only if any does."""

    def __init__(self, context: Context, chain_id: ChainId) -> None:
        self._context, self._chain_id = context, chain_id
        self._asked: asyncio.Task[tuple[BlockRef, BlockRef, BlockRef]] | None = None

    async def finality(self, number: int) -> Finality:
        """How certain the block of this height is now, given that it is the chain's. Raises `ChainUnavailable`."""
        if self._asked is None:
            history = self._context.chains.history(self._chain_id)
            self._asked = asyncio.ensure_future(history.heads())
        _, safe, finalized = await asyncio.shield(self._asked)
        if number <= finalized.number:
            return Finality.FINALIZED
        return Finality.SAFE if number <= safe.number else Finality.CONFIRMED


@strawberry.type(name="SwapLeg", description="What one pool of a swap took and paid.")
class SwapLegType:
    pool_address: Address = strawberry.field(description="The pool.")
    protocol: str = strawberry.field(description="Whose contracts the pool is made of, as in uniswap-v3.")
    token_in: Address = strawberry.field(description="What it took.")
    token_out: Address = strawberry.field(description="What it paid.")
    amount_in: BigInt = strawberry.field(description="Atomic units of tokenIn, its fee included.")
    amount_out: BigInt = strawberry.field(description="Atomic units of tokenOut.")


@strawberry.type(
    name="Swap", description="A swap that an account made, as the logs of the pools it went through tell it."
)
class SwapType(Node):
    chain_id: ChainId = strawberry.field(description="The chain it was made on.")
    account: Address = strawberry.field(description="Whose it was.")
    transaction_hash: TxHash = strawberry.field(description="The transaction it was made in.")
    amount_in: TokenAmount | None = strawberry.field(
        description="What the first pool took; null where the token does not describe itself, and `legs` has the number."
    )
    amount_out: TokenAmount | None = strawberry.field(
        description="What the last pool paid; null where the token does not describe itself, and `legs` has the number."
    )
    legs: list[SwapLegType] = strawberry.field(description="The pools it went through, in order.")
    block_number: strawberry.Private[int]
    block_hash: strawberry.Private[bytes]
    block_time: strawberry.Private[datetime]
    heads: strawberry.Private[Heads]

    @strawberry.field(
        description="The block it is in; null while nobody can tell how certain that block is. A swap whose block the chain takes back is gone from every list."
    )
    async def block(self) -> Block | None:
        return Block(
            chain_id=self.chain_id,
            number=BigInt(self.block_number),
            hash=Bytes32(self.block_hash),
            timestamp=self.block_time,
            finality=await self.heads.finality(self.block_number),
        )

    @classmethod
    def of(cls, row: Mapping[str, Any], tokens: Mapping[Address, TokenMetadata], heads: Heads) -> "SwapType":
        """A row as clients see it; `tokens` holds those of its tokens that describe themselves."""
        return cls(
            id=strawberry.ID(swap_id(row)),
            chain_id=chain_of(row),
            account=row["account"],
            transaction_hash=TxHash(bytes.fromhex(row["transaction_hash"][2:])),
            amount_in=_amount(tokens, row["token_in"], row["amount_in"]),
            amount_out=_amount(tokens, row["token_out"], row["amount_out"]),
            legs=[_leg(leg) for leg in row["legs"]],
            block_number=row["block_number"],
            block_hash=bytes.fromhex(row["block_hash"][2:]),
            block_time=datetime.fromtimestamp(row["block_time"], UTC),
            heads=heads,
        )


def _amount(tokens: Mapping[Address, TokenMetadata], token: Address, raw: str) -> TokenAmount | None:
    return TokenAmount.of(tokens[token], int(raw)) if token in tokens else None


def _leg(leg: Mapping[str, Any]) -> SwapLegType:
    return SwapLegType(
        pool_address=leg["pool"],
        protocol=leg["protocol"],
        token_in=leg["token_in"],
        token_out=leg["token_out"],
        amount_in=BigInt(int(leg["amount_in"])),
        amount_out=BigInt(int(leg["amount_out"])),
    )
