"""One operation's reads of a chain: it stays with the endpoint that answered, for as long as that does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from colonnade.batched_reader import Outcome, Read
from colonnade.chains import BlockRef, SimulatedCall, SimulatedResult
from infra.rpc.endpoint import Endpoint
from infra.rpc.requests import AnotherBlock
from infra.rpc.session import Session
from infra.rpc.simulation import simulate
from infra.rpc.upstream import Upstream


class JsonRpcSource:
    """A `ReadSource`."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._endpoint: Endpoint | None = None

    async def pin(self, reads: Sequence[Read]) -> tuple[BlockRef, Mapping[Read, Outcome]]:
        """See `ReadSource.pin`."""
        result, self._endpoint = await self._upstream.run(lambda session: session.pin(reads))
        return result

    async def read(self, reads: Sequence[Read], block: BlockRef) -> Mapping[Read, Outcome]:
        """See `ReadSource.read`."""
        outcomes, self._endpoint = await self._upstream.run(
            lambda session: session.read(reads, block), first=self._endpoint
        )
        return outcomes

    async def simulate(self, calls: Sequence[SimulatedCall], block: BlockRef) -> Sequence[SimulatedResult]:
        """See `ReadSource.simulate`."""

        async def attempt(session: Session) -> Sequence[SimulatedResult]:
            try:
                return await simulate(session, calls, block)
            except AnotherBlock:
                raise session.vanished(f"block {block.number} (any more)") from None

        results, self._endpoint = await self._upstream.run(attempt, first=self._endpoint)
        return results
