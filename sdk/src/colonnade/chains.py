"""The `chains` port: what plugins read from EVM chains.

Adapters: JSON-RPC and `colonnade.testing.ScriptedChain`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, NewType, Protocol

import strawberry

from colonnade.errors import CallReverted
from colonnade.evm import Address

ChainId = NewType("ChainId", int)

BASE: Final = ChainId(8453)


@strawberry.enum(description="How certain a block is, weakest first.")
class Finality(Enum):
    """How certain a block is, weakest first."""

    PRECONFIRMED = strawberry.enum_value("PRECONFIRMED", description="Being made: the tag `pending`.")
    CONFIRMED = strawberry.enum_value("CONFIRMED", description="The chain's head: the tag `latest`.")
    SAFE = strawberry.enum_value("SAFE", description="Unlikely to be taken back: the tag `safe`.")
    FINALIZED = strawberry.enum_value("FINALIZED", description="Never taken back: the tag `finalized`.")


@dataclass(frozen=True, slots=True)
class BlockRef:
    """A block of a chain. `timestamp`: UTC; `base_fee`: wei per gas."""

    chain_id: ChainId
    number: int
    hash: bytes
    parent_hash: bytes
    timestamp: datetime
    finality: Finality
    base_fee: int


@dataclass(frozen=True, slots=True)
class Call:
    """A read of a contract. Its answer must not depend on `msg.sender`, which is the adapter's choice.

    With `code`, the call runs as if this runtime code stood at `to` (a lens: a contract that is never deployed,
    given to the node as a state override). Only calls that bring code see it. A lens returns at least one byte:
    an empty answer is how a node shows that it ignored the code.
    """

    to: Address
    data: bytes
    code: bytes | None = None


class ChainReader(Protocol):
    """One operation's view of a chain: every read holds for one block, pinned at the first.

    Reads that are started together (before the event loop turns to the network) travel in one request, and a read
    that was answered is not asked again. Every method raises `ChainUnavailable` or a subclass when no endpoint
    gives a usable answer in time: `BlockVanished` asks for a new operation, `LensUnsupported` for another way.
    A reader belongs to the event loop it is first used in.
    """

    @property
    def chain_id(self) -> ChainId: ...

    async def block(self) -> BlockRef:
        """The block that this operation's reads hold for."""
        ...

    async def call(self, call: Call) -> bytes:
        """The bytes a contract returns. Raises `CallReverted`.

        An address without code answers empty bytes, as a node does: decoding them is the caller's error to name.
        """
        ...

    async def calls(self, calls: Sequence[Call]) -> Sequence[bytes | CallReverted]:
        """The answers to `calls`, in order; a reverted call is returned, and spoils no other."""
        ...

    async def balance(self, account: Address) -> int:
        """The native balance of `account` in wei."""
        ...


class Chains(Protocol):
    """The chains this deployment is connected to."""

    def reader(self, chain_id: ChainId) -> ChainReader:
        """A reader for one operation. Raises `UnknownChain`."""
        ...
