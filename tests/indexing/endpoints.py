"""Endpoints of one chain that lag, lie, limit or are down, one of three at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from colonnade.chains import BlockRef, ChainHistory, ChainId, Finality, Log, LogFilter, Receipt, Transaction
from colonnade.errors import BlockVanished, ChainTimeout, ChainUnavailable, LogRangeTooWide
from colonnade.evm import Address

Fault: TypeAlias = Literal[
    "none", "lag", "limit", "slow", "down", "omit", "invent", "alter", "fork", "boast", "forget"
]
LIES: tuple[Fault, ...] = ("omit", "invent", "alter", "fork", "boast", "forget")


@dataclass(slots=True)
class Endpoint:
    """A `ChainHistory` that tells what `honest` does, with a fault. `size`: blocks that it is behind or answers for."""

    honest: ChainHistory
    fault: Fault = "none"
    size: int = 1

    @property
    def chain_id(self) -> ChainId:
        return self.honest.chain_id

    async def head(self, finality: Finality = Finality.CONFIRMED) -> BlockRef:
        return (await self.heads())[(Finality.CONFIRMED, Finality.SAFE, Finality.FINALIZED).index(finality)]

    async def heads(self) -> tuple[BlockRef, BlockRef, BlockRef]:
        self._ask()
        confirmed, safe, finalized = await self.honest.heads()
        if self.fault == "boast":
            confirmed = replace(confirmed, number=confirmed.number + self.size)
        if self.fault == "lag":
            number = max(0, confirmed.number - self.size)
            (behind,) = await self.honest.blocks([number])
            assert behind is not None
            return tuple(min(block, behind, key=lambda b: b.number) for block in (confirmed, safe, finalized))  # type: ignore[return-value]
        return self._forked(confirmed), safe, finalized

    async def blocks(self, numbers: Sequence[int]) -> Sequence[BlockRef | None]:
        self._ask()
        found = await self.honest.blocks(numbers)
        limit = await self._limit()
        return [None if block is None or block.number > limit else self._forked(block) for block in found]

    async def receipts(self, hashes: Sequence[bytes]) -> Sequence[Receipt | None]:
        self._ask()
        limit = await self._limit()
        found = await self.honest.receipts(hashes)
        if self.fault == "forget":
            return [None for _ in found]
        return [
            self._told(receipt) if receipt and receipt.block_number <= limit else None for receipt in found
        ]

    async def block_receipts(self, block_hash: bytes) -> Sequence[Receipt] | None:
        self._ask()
        found = await self.honest.block_receipts(block_hash)
        return None if found is None else [self._told(receipt) for receipt in found]

    async def logs(self, wanted: LogFilter, first: int, last: int) -> Sequence[Log]:
        self._ask()
        if self.fault == "limit" and last - first + 1 > self.size:
            raise LogRangeTooWide(f"at most {self.size} blocks")
        if self.fault == "slow" and last - first + 1 > self.size:
            raise ChainTimeout("that takes too long")
        if last > await self._limit():
            raise BlockVanished(f"block {last} is not here yet")
        found = [self._altered(log) for log in await self.honest.logs(wanted, first, last)]
        if self.fault == "omit":
            return found[1:]
        if self.fault == "invent" and found:
            return [*found, replace(found[-1], index=found[-1].index + 1, data=b"invented")]
        return found

    async def transactions(self, hashes: Sequence[bytes]) -> Sequence[Transaction | None]:
        self._ask()
        return await self.honest.transactions(hashes)

    async def transaction_count(self, account: Address, finality: Finality = Finality.CONFIRMED) -> int:
        self._ask()
        return await self.honest.transaction_count(account, finality)

    def _ask(self) -> None:
        if self.fault == "down":
            raise ChainUnavailable("this endpoint is down")

    async def _limit(self) -> int:
        """The newest block that it has."""
        head = await self.honest.head()
        return head.number - self.size if self.fault == "lag" else head.number

    def _told(self, receipt: Receipt) -> Receipt:
        return replace(receipt, logs=tuple(map(self._altered, receipt.logs)))

    def _altered(self, log: Log) -> Log:
        return replace(log, data=b"altered") if self.fault == "alter" else log

    def _forked(self, block: BlockRef) -> BlockRef:
        if self.fault != "fork" or block.number % (self.size + 1):
            return block
        return replace(block, hash=b"\xff" * 32)
