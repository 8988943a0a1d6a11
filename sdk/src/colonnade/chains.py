"""The `chains` port: what plugins read from EVM chains, at one block (`ChainReader`) or as it went (`ChainHistory`).

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


@dataclass(frozen=True, slots=True)
class Log:
    """What a contract wrote. `index`: its place in the block; `topics`: 32 bytes each."""

    address: Address
    topics: tuple[bytes, ...]
    data: bytes
    index: int
    block_number: int
    block_hash: bytes
    transaction_hash: bytes


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transaction as it was signed. `to`: None where it creates a contract; `value`: wei; `block_hash`: None while it
    waits."""

    hash: bytes
    sender: Address
    to: Address | None
    nonce: int
    value: int
    data: bytes
    chain_id: ChainId
    block_number: int | None
    block_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a mined transaction did. `succeeded`: False where it reverted; `gas_price`: wei per gas paid."""

    transaction_hash: bytes
    block_number: int
    block_hash: bytes
    transaction_index: int
    sender: Address
    to: Address | None
    succeeded: bool
    gas_used: int
    gas_price: int
    logs: tuple[Log, ...]


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which logs: of any of `addresses` (any at all if empty), with any of `topics` first (any if empty), and any of
    `second_topics` after it (any if empty)."""

    addresses: tuple[Address, ...] = ()
    topics: tuple[bytes, ...] = ()
    second_topics: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class SimulatedCall:
    """A transaction to try. `value`: wei."""

    sender: Address
    to: Address
    data: bytes = b""
    value: int = 0


@dataclass(frozen=True, slots=True)
class SimulatedResult:
    """What a simulated transaction would do.

    `error`: None where it succeeds. `logs`: those of contracts, and a `Transfer` of the address
    0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE (ERC-7528) for each movement of the chain's own coin.
    """

    error: CallReverted | None
    returned: bytes
    gas_used: int
    logs: tuple[Log, ...]


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

    async def simulate(self, calls: Sequence[SimulatedCall]) -> Sequence[SimulatedResult]:
        """What `calls` would do as transactions, one after the other, on top of the pinned block (eth_simulateV1).

        The sender of each has to hold its value; fees, nonces and signatures are not looked at, and a contract may
        send (a smart wallet). A call that reverts is told in its result, and the later ones run without it. Raises
        `CallReverted` where a sender cannot pay a value, or the calls together take too much gas (`OutOfGas`), and
        `SimulationUnsupported` where no endpoint knows how.
        """
        ...


class ChainHistory(Protocol):
    """What a chain has recorded, as its node sees it now. Nothing is pinned and nothing is kept.

    "In one round trip" is for a hundred things at most; more take one for each hundred. Every method raises
    `ChainUnavailable` or a subclass when no endpoint gives a usable answer in time.
    """

    @property
    def chain_id(self) -> ChainId: ...

    async def head(self, finality: Finality = Finality.CONFIRMED) -> BlockRef:
        """The newest block that is at least this certain."""
        ...

    async def heads(self) -> tuple[BlockRef, BlockRef, BlockRef]:
        """The newest confirmed, safe and finalized blocks, in one round trip."""
        ...

    async def blocks(self, numbers: Sequence[int]) -> Sequence[BlockRef | None]:
        """The canonical blocks at these heights, in one round trip; None for one that does not exist (yet).

        Each has the finality that it has now. Raises `BlockVanished` where a reorganisation comes in between.
        """
        ...

    async def transactions(self, hashes: Sequence[bytes]) -> Sequence[Transaction | None]:
        """The transactions that the node knows, mined or waiting, in one round trip."""
        ...

    async def receipts(self, hashes: Sequence[bytes]) -> Sequence[Receipt | None]:
        """The receipts of the transactions that are mined on the canonical chain, in one round trip."""
        ...

    async def block_receipts(self, block_hash: bytes) -> Sequence[Receipt] | None:
        """Every receipt of a block, in order; None where the block is not known, or no longer canonical."""
        ...

    async def logs(self, wanted: LogFilter, first: int, last: int) -> Sequence[Log]:
        """Matching logs of the blocks `first` to `last`, in the chain's order.

        Raises `LogRangeTooWide` where no endpoint answers for so many blocks at once: ask for fewer; and
        `BlockVanished` where none has the block `last` (yet).
        """
        ...

    async def transaction_count(self, account: Address, finality: Finality = Finality.CONFIRMED) -> int:
        """How many transactions `account` has sent, which is its next nonce."""
        ...


class Chains(Protocol):
    """The chains this deployment is connected to."""

    def reader(self, chain_id: ChainId) -> ChainReader:
        """A reader for one operation. Raises `UnknownChain`."""
        ...

    def history(self, chain_id: ChainId) -> ChainHistory:
        """What the chain has recorded. Raises `UnknownChain`."""
        ...

    def witnessed(self, chain_id: ChainId) -> ChainHistory:
        """What the chain has recorded as two of its endpoints say alike, where it has two: for what is kept. Slower, and
        its methods also raise `EndpointsDisagree`. Raises `UnknownChain`.
        """
        ...
