"""`ChainHistory` over JSON-RPC."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from colonnade.chains import BlockRef, ChainId, Finality, Log, LogFilter, Receipt, Transaction
from colonnade.evm import Address
from infra.rpc import headers, recorded
from infra.rpc.jsonrpc import RpcRequest
from infra.rpc.requests import AnotherBlock
from infra.rpc.session import TAGS, Session
from infra.rpc.upstream import Upstream
from infra.rpc.wire import quantity

T = TypeVar("T")
K = TypeVar("K")


class JsonRpcHistory:
    """What a chain has recorded, from whichever of its endpoints answers."""

    def __init__(self, chain_id: ChainId, upstream: Upstream) -> None:
        self._chain_id = chain_id
        self._upstream = upstream

    @property
    def chain_id(self) -> ChainId:
        return self._chain_id

    async def head(self, finality: Finality = Finality.CONFIRMED) -> BlockRef:
        """See `ChainHistory.head`."""
        return await self._run(lambda session: headers.head(session, finality))

    async def heads(self) -> tuple[BlockRef, BlockRef, BlockRef]:
        """See `ChainHistory.heads`."""
        return await self._run(headers.heads)

    async def blocks(self, numbers: Sequence[int]) -> Sequence[BlockRef | None]:
        """See `ChainHistory.blocks`."""
        return await self._many(headers.blocks, numbers)

    async def transactions(self, hashes: Sequence[bytes]) -> Sequence[Transaction | None]:
        """See `ChainHistory.transactions`."""
        return await self._many(recorded.transactions, hashes)

    async def receipts(self, hashes: Sequence[bytes]) -> Sequence[Receipt | None]:
        """See `ChainHistory.receipts`."""
        return await self._many(recorded.receipts, hashes)

    async def block_receipts(self, block_hash: bytes) -> Sequence[Receipt] | None:
        """See `ChainHistory.block_receipts`."""
        return await self._run(lambda session: recorded.block_receipts(session, block_hash))

    async def logs(self, wanted: LogFilter, first: int, last: int) -> Sequence[Log]:
        """See `ChainHistory.logs`."""
        if first > last:
            return ()
        return await self._run(lambda session: recorded.logs(session, wanted, first, last))

    async def transaction_count(self, account: Address, finality: Finality = Finality.CONFIRMED) -> int:
        """See `ChainHistory.transaction_count`."""

        async def count(session: Session) -> int:
            (answer,) = await session.ask([RpcRequest("eth_getTransactionCount", (account, TAGS[finality]))])
            value = session.value(answer)
            return session.parsed(lambda: quantity(value, "the transaction count", 2**64))

        return await self._run(count)

    async def _many(
        self, ask: Callable[[Session, Sequence[K]], Awaitable[Sequence[T]]], asked: Sequence[K]
    ) -> Sequence[T]:
        """Each distinct question once, all together."""
        distinct = list(dict.fromkeys(asked))
        if not distinct:
            return ()
        found = await self._run(lambda session: ask(session, distinct))
        answers = dict(zip(distinct, found, strict=True))
        return [answers[question] for question in asked]

    async def _run(self, attempt: Callable[[Session], Awaitable[T]]) -> T:
        async def at_one_endpoint(session: Session) -> T:
            try:
                return await attempt(session)
            except AnotherBlock:
                raise session.vanished("a block that was asked about (yet, or any more)") from None

        result, _ = await self._upstream.run(at_one_endpoint)
        return result
