"""A `ChainReader` for adapters to build on: it gathers reads, pins the block and asks each read once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from colonnade.chains import BlockRef, Call, ChainId, SimulatedCall, SimulatedResult
from colonnade.coalescing import Coalescer
from colonnade.errors import CallReverted, ChainUnavailable, LensUnsupported
from colonnade.evm import Address


@dataclass(frozen=True, slots=True)
class NativeBalance:
    """How much of the chain's own coin an account has; answered as a 32-byte word, in wei."""

    account: Address


Read: TypeAlias = Call | NativeBalance
Outcome: TypeAlias = bytes | CallReverted


def code_of(read: Read) -> bytes | None:
    """The code that a lens call brings along; None for any other read."""
    return read.code if isinstance(read, Call) else None


class ReadSource(Protocol):
    """What an adapter provides: the outcomes of distinct reads, as few round trips as it can make it.

    Every method raises `ChainUnavailable`; `LensUnsupported` only where a read brings code.
    """

    async def pin(self, reads: Sequence[Read]) -> tuple[BlockRef, Mapping[Read, Outcome]]:
        """The newest block of the wanted finality, and the outcomes of `reads` (perhaps none) at it."""
        ...

    async def read(self, reads: Sequence[Read], block: BlockRef) -> Mapping[Read, Outcome]:
        """The outcomes of `reads` at `block`."""
        ...

    async def simulate(self, calls: Sequence[SimulatedCall], block: BlockRef) -> Sequence[SimulatedResult]:
        """See `ChainReader.simulate`: on top of `block`."""
        ...


class BatchedReader:
    """One operation's reader. Its first batch pins the block; what is asked meanwhile waits for that."""

    def __init__(self, chain_id: ChainId, source: ReadSource) -> None:
        self._chain_id = chain_id
        self._source = source
        self._coalescer: Coalescer[Read, Outcome | ChainUnavailable] = Coalescer(self._answer)
        self._answered: dict[Read, Outcome] = {}
        self._pinned: BlockRef | None = None
        self._pinning: asyncio.Future[None] | None = None

    @property
    def chain_id(self) -> ChainId:
        return self._chain_id

    async def block(self) -> BlockRef:
        """See `ChainReader.block`."""
        if self._pinned is None:
            await self._coalescer.ask(())
        assert self._pinned is not None  # a batch pins, or raises
        return self._pinned

    async def call(self, call: Call) -> bytes:
        """See `ChainReader.call`."""
        (outcome,) = await self._outcomes((call,))
        if isinstance(outcome, CallReverted):
            raise outcome.with_traceback(None)  # It may have been raised to another caller before.
        return outcome

    async def calls(self, calls: Sequence[Call]) -> Sequence[bytes | CallReverted]:
        """See `ChainReader.calls`."""
        return await self._outcomes(calls)

    async def balance(self, account: Address) -> int:
        """See `ChainReader.balance`."""
        (outcome,) = await self._outcomes((NativeBalance(account),))
        if isinstance(outcome, CallReverted):
            raise ChainUnavailable(f"the balance of {account} cannot be read: {outcome}")
        return int.from_bytes(outcome, "big")

    async def simulate(self, calls: Sequence[SimulatedCall]) -> Sequence[SimulatedResult]:
        """See `ChainReader.simulate`."""
        return await self._source.simulate(calls, await self.block()) if calls else ()

    async def _outcomes(self, reads: Sequence[Read]) -> list[Outcome]:
        known = self._answered
        missing = [read for read in reads if read not in known] if known else reads
        if missing:
            for outcome in await self._coalescer.ask(missing):
                if isinstance(outcome, ChainUnavailable):
                    raise outcome.with_traceback(None)
        return [self._answered[read] for read in reads]

    async def _answer(self, reads: Sequence[Read]) -> Sequence[Outcome | ChainUnavailable]:
        try:
            self._answered.update(await self._fetch(reads))
        except LensUnsupported as refusal:
            # It is no reason to go without the reads that bring no code.
            self._answered.update(await self._fetch([read for read in reads if code_of(read) is None]))
            return [self._answered.get(read, refusal) for read in reads]
        return [self._answered[read] for read in reads]

    async def _fetch(self, reads: Sequence[Read]) -> Mapping[Read, Outcome]:
        while self._pinned is None and self._pinning is not None:
            await asyncio.wait({self._pinning})
        if self._pinned is not None:
            return await self._source.read(reads, self._pinned) if reads else {}
        self._pinning = asyncio.get_running_loop().create_future()
        try:
            self._pinned, outcomes = await self._source.pin(reads)
        finally:
            self._pinning.set_result(None)
            self._pinning = None
        return outcomes
