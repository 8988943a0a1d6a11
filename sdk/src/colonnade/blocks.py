"""Blocks as the API shows them: whatever was read from a chain says which block it holds for."""

from datetime import datetime

import strawberry

from colonnade.chains import BlockRef, ChainId, Finality
from colonnade.scalars import BigInt, Bytes32


@strawberry.type(description="The block that a reading holds for.")
class Block:
    chain_id: ChainId = strawberry.field(description="The chain it belongs to.")
    number: BigInt = strawberry.field(description="Its height.")
    hash: Bytes32 = strawberry.field(description="Its hash.")
    timestamp: datetime = strawberry.field(description="When it was made, by its own word.")
    finality: Finality = strawberry.field(description="How certain it was when it was read.")

    @classmethod
    def of(cls, block: BlockRef) -> "Block":
        """A block as a reader gave it."""
        return cls(
            chain_id=block.chain_id,
            number=BigInt(block.number),
            hash=Bytes32(block.hash),
            timestamp=block.timestamp,
            finality=block.finality,
        )
