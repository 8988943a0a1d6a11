"""The log indexer: one pass over a chain's logs for all plugins, and back when the chain takes blocks back.

Each stretch of blocks is written by conditional transactions, the last of which moves the checkpoint, so that two
indexers, or one that was killed, write nothing twice and leave nothing out. Rows that a reorganisation made untrue
are deleted, newest first, down to a block that is still there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

from colonnade.chain_logs import ChainLogs
from colonnade.chains import BlockRef, ChainHistory, Finality
from colonnade.errors import BlockVanished
from colonnade.indexing.journal import CHECKPOINT, ROWS, Checkpoint, Row, Stretch, newest
from colonnade.indexing.projecting import projected
from colonnade.indexing.reading import Read, read
from colonnade.indexing.rewinding import undo
from colonnade.store import Check, Writes

if TYPE_CHECKING:
    from colonnade.context import Context

MOST_BLOCKS: Final = 500
"""Blocks of one stretch."""

MOST_TRANSACTIONS: Final = 500
"""Transactions of the chain in one stretch; a block is never cut."""

MOST_ROWS: Final = 2_000
"""Rows of one stretch, all of which its row in the journal names; a block is never cut."""

_Made: TypeAlias = "Sequence[tuple[Row, Writes]]"


@dataclass(frozen=True, slots=True)
class Indexer:
    """Indexes one chain. `start`: the first block to look at, or None for the head that is first seen; nothing before
    it is ever indexed.

    `context`: on whose ports it works. Raises what they raise, `ConditionFailed` where another indexer was faster, and
    `BlockVanished` where the chain changed while it was read: in every case the next `advance` goes on.
    """

    context: Context
    history: ChainHistory
    projections: Sequence[ChainLogs]
    start: int | None

    async def advance(self, head: BlockRef) -> bool:
        """Index one stretch, at most to `head`, or undo what is no longer true; whether there is more to do."""
        here = await self._checkpoint(head)
        last = await self._newest()
        if here.hash:
            stands = await self._stands(here.number, here.hash, head)
            if stands is None and await self._is_only_behind(head):
                return False
            if not stands:
                await self._rewind(here, last, head)
                return True
        if last is not None and last.first > here.number:
            await self._finish(here, last)
            return True
        if here.number >= head.number:
            return False
        found, made = await self._read(here.number + 1, min(head.number, here.number + MOST_BLOCKS))
        await self._write(here, found, made, None)
        return found.last.number < head.number

    async def _read(self, first: int, last: int) -> tuple[Read, _Made]:
        """As many blocks from `first` as one stretch can hold the rows of, and what is made of them."""
        while True:
            found = await read(self.history, self.projections, first, last, MOST_TRANSACTIONS)
            made = await self._make(found)
            if found.last.number == first or len(made) <= MOST_ROWS:
                return found, made
            last = first + (found.last.number - first) // 2

    async def _make(self, found: Read) -> _Made:
        return [
            (Row(projection.name, item.key), writes)
            for projection, transaction in found.transactions
            for item, writes in await projected(self.context, projection, transaction)
        ]

    async def _checkpoint(self, head: BlockRef) -> Checkpoint:
        item = await self.context.store.get(CHECKPOINT.key(chain=head.chain_id))
        return self._before_the_start(head) if item is None else Checkpoint.of(head.chain_id, item.attributes)

    def _before_the_start(self, head: BlockRef) -> Checkpoint:
        return Checkpoint(head.chain_id, (head.number if self.start is None else self.start) - 1, b"")

    async def _newest(self, begun_by: int | None = None) -> Stretch | None:
        page = await self.context.store.query(newest(self.history.chain_id, begun_by))
        return Stretch.of(self.history.chain_id, page.items[0].attributes) if page.items else None

    async def _stands(self, number: int, block_hash: bytes, head: BlockRef) -> bool | None:
        """Whether the chain has this block; None where `head` is below it.

        Raises `BlockVanished` where the node has no block there although it is told of a head above.
        """
        (block,) = await self.history.blocks([number])
        if block is not None:
            return block.hash == block_hash
        if number <= head.number:
            raise BlockVanished(f"no node has block {number} of chain {head.chain_id} yet: look again")
        return None

    async def _is_only_behind(self, head: BlockRef) -> bool:
        """Whether the node has the newest block that it should: then its chain is not another, and will grow.

        A node that is behind must not take back what is true.
        """
        known = await self._newest(begun_by=head.number + 1)
        if known is None:
            return False
        number, block_hash = known.first - 1, known.before
        if known.last <= head.number:
            number, block_hash = known.last, known.hash
        return bool(block_hash) and bool(await self._stands(number, block_hash, head))

    async def _rewind(self, here: Checkpoint, last: Stretch | None, head: BlockRef) -> None:
        """Go back towards a block that still stands: by one stretch, or past blocks that wrote nothing."""
        if last is not None and not await self._stands(last.last, last.hash, head):
            await undo(self.context, self.projections, here, last)
            return
        final = await self.history.head(Finality.FINALIZED)
        back = self._before_the_start(head)
        if last is not None:
            back = Checkpoint(here.chain, last.last, last.hash)
        if back.number < final.number < here.number:
            back = Checkpoint(here.chain, final.number, final.hash)
        await self.context.store.transact(Writes([here.move(back)]))

    async def _finish(self, here: Checkpoint, begun: Stretch) -> None:
        """Write the rest of a stretch that somebody began, or undo it where it can no longer be told what that was."""
        found = await read(self.history, self.projections, begun.first, begun.last, MOST_TRANSACTIONS)
        is_same = not begun.removed and found.last.hash == begun.hash
        if not is_same or not await self._write(here, found, await self._make(found), begun):
            await undo(self.context, self.projections, here, begun)

    async def _write(self, here: Checkpoint, found: Read, made: _Made, begun: Stretch | None) -> bool:
        """Commit what was made above `here`, from the part that `begun` has come to; False where it was other."""
        rows = tuple(row for row, _ in made)
        units = [writes for _, writes in made]
        to = Checkpoint(here.chain, found.last.number, found.last.hash)
        if begun is not None and begun.rows != rows:
            return False
        if not units:
            await self.context.store.transact(Writes([here.move(to)]))
            return True
        stretch = Stretch(here.chain, here.number + 1, to.number, to.hash, here.hash, rows)
        parts = [units[at : at + ROWS] for at in range(0, len(units), ROWS)]
        for number in range(begun.written if begun else 0, len(parts)):
            journal = stretch.advance(number) if number else stretch.put(self.context.clock.now())
            ends = number == len(parts) - 1
            checkpoint = here.move(to) if ends else Check(CHECKPOINT.key(chain=here.chain), here.is_here())
            await self.context.store.transact(
                Writes([checkpoint, journal, *chain.from_iterable(parts[number])])
            )
        return True
