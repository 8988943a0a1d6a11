"""A chain whose blocks are made as they are asked for, so that a test of memory measures the indexer alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from colonnade.chains import BASE, BlockRef, ChainId, Finality, Log, LogFilter, Receipt, Transaction
from colonnade.errors import LogRangeTooWide
from colonnade.evm import Address
from colonnade.store import Page, Query, Store, Write, Writes
from tests.indexing.chain_of_notes import NOTE, NOTES, SENDER, WRITER

_GENESIS: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _hash(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()


class LongChain:
    """A `ChainHistory` of `blocks` blocks, each with `logs` notes in one transaction; at most `most` logs at once."""

    def __init__(self, blocks: int, logs: int, most: int) -> None:
        self._blocks, self._logs, self._most = blocks, logs, most

    @property
    def chain_id(self) -> ChainId:
        return BASE

    def _block(self, number: int, finality: Finality = Finality.CONFIRMED) -> BlockRef:
        made = _GENESIS + timedelta(seconds=2 * number)
        return BlockRef(BASE, number, _hash(number), _hash(number - 1), made, finality, 1)

    async def head(self, finality: Finality = Finality.CONFIRMED) -> BlockRef:
        return self._block(self._blocks, finality)

    async def heads(self) -> tuple[BlockRef, BlockRef, BlockRef]:
        return (self._block(self._blocks),) * 3

    async def blocks(self, numbers: Sequence[int]) -> Sequence[BlockRef | None]:
        return [self._block(number) if number <= self._blocks else None for number in numbers]

    async def logs(self, wanted: LogFilter, first: int, last: int) -> Sequence[Log]:
        if (last - first + 1) * self._logs > self._most:
            raise LogRangeTooWide(f"query returned more than {self._most} results")
        return [log for number in range(first, last + 1) for log in self._logs_of(number)]

    async def receipts(self, hashes: Sequence[bytes]) -> Sequence[Receipt | None]:
        return [self._receipt(int.from_bytes(one, "big")) for one in hashes]

    async def block_receipts(self, block_hash: bytes) -> Sequence[Receipt] | None:
        return None

    async def transactions(self, hashes: Sequence[bytes]) -> Sequence[Transaction | None]:
        return [None for _ in hashes]

    async def transaction_count(self, account: Address, finality: Finality = Finality.CONFIRMED) -> int:
        return 0

    def _logs_of(self, number: int) -> tuple[Log, ...]:
        return tuple(
            Log(WRITER, (NOTE,), b"note", index, number, _hash(number), number.to_bytes(32, "big"))
            for index in range(self._logs)
        )

    def _receipt(self, number: int) -> Receipt:
        return Receipt(
            number.to_bytes(32, "big"),
            number,
            _hash(number),
            0,
            SENDER,
            WRITER,
            True,
            1,
            1,
            self._logs_of(number),
        )


class Counting:
    """A store that counts the rows of notes and keeps none, nor events, nor the journal but its newest stretch."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.rows = 0
        self.get, self.batch_get, self.increment = store.get, store.batch_get, store.increment

    async def query(self, query: Query) -> Page:
        return await self._store.query(query)

    async def transact(self, writes: Writes) -> None:
        kept: list[Write] = []
        for write in writes:
            if write.key.partition.startswith(f"{NOTES.plugin}#{NOTES.name}#"):
                self.rows += 1
            elif "IndexCheckpoint" in write.key.partition or "IndexGenerations" in write.key.partition:
                kept.append(write)
        await self._store.transact(Writes(kept))
