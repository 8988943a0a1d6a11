"""One operation's reads of a chain: gathered into batches, each asked once, all at one block."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from colonnade.chains import BlockRef, Call, ChainId
from colonnade.coalescing import Coalescer
from colonnade.errors import CallReverted, ChainUnavailable, LensUnsupported
from colonnade.evm import Address
from infra.rpc.endpoint import Endpoint
from infra.rpc.reads import NativeBalance, Outcome, Read, code_of
from infra.rpc.upstream import Upstream


class JsonRpcReader:
    """A `ChainReader`. The first batch pins the block; what is asked meanwhile waits for it."""

    def __init__(self, chain_id: ChainId, upstream: Upstream) -> None:
        self._chain_id = chain_id
        self._upstream = upstream
        self._coalescer: Coalescer[Read, Outcome | ChainUnavailable] = Coalescer(self._answer)
        self._answered: dict[Read, Outcome] = {}
        self._pinned: BlockRef | None = None
        self._endpoint: Endpoint | None = None
        self._pinning: asyncio.Future[None] | None = None

    @property
    def chain_id(self) -> ChainId:
        return self._chain_id

    async def block(self) -> BlockRef:
        if self._pinned is None:
            await self._coalescer.ask(())
        assert self._pinned is not None  # a batch pins, or raises
        return self._pinned

    async def call(self, call: Call) -> bytes:
        (outcome,) = await self._outcomes((call,))
        if isinstance(outcome, CallReverted):
            raise outcome.with_traceback(None)  # It may have been raised to another caller before.
        return outcome

    async def calls(self, calls: Sequence[Call]) -> Sequence[bytes | CallReverted]:
        return await self._outcomes(calls) if calls else ()

    async def balance(self, account: Address) -> int:
        (outcome,) = await self._outcomes((NativeBalance(account),))
        if isinstance(outcome, CallReverted):
            raise ChainUnavailable(f"the balance of {account} cannot be read: {outcome}")
        return int.from_bytes(outcome, "big")

    async def _outcomes(self, reads: Sequence[Read]) -> list[Outcome]:
        missing = [read for read in reads if read not in self._answered]
        if missing:
            for outcome in await self._coalescer.ask(missing):
                if isinstance(outcome, ChainUnavailable):
                    raise outcome
        return [self._answered[read] for read in reads]

    async def _answer(self, reads: Sequence[Read]) -> Sequence[Outcome | ChainUnavailable]:
        refusal: ChainUnavailable | None = None
        try:
            outcomes = await self._read(reads)
        except LensUnsupported as error:
            refusal = error
            outcomes = await self._read([read for read in reads if code_of(read) is None])
        self._answered |= outcomes
        if refusal is None:
            return [outcomes[read] for read in reads]
        return [outcomes.get(read, refusal) for read in reads]

    async def _read(self, reads: Sequence[Read]) -> dict[Read, Outcome]:
        while self._pinned is None and self._pinning is not None:
            await asyncio.wait({self._pinning})
        if self._pinned is None:
            return await self._pin(reads)
        if not reads:
            return {}
        block = self._pinned
        outcomes, self._endpoint = await self._upstream.run(
            lambda session: session.read(reads, block), first=self._endpoint
        )
        return outcomes

    async def _pin(self, reads: Sequence[Read]) -> dict[Read, Outcome]:
        self._pinning = asyncio.get_running_loop().create_future()
        try:
            (self._pinned, outcomes), self._endpoint = await self._upstream.run(
                lambda session: session.pin(reads)
            )
        finally:
            self._pinning.set_result(None)
            self._pinning = None
        return outcomes
