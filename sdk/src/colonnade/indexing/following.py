"""Following a chain's head: what is indexed, then announced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from colonnade.chains import BlockRef, ChainHistory
from colonnade.conditions import absent, attribute
from colonnade.core_events import ChainHeadMoved
from colonnade.entities import Entity
from colonnade.errors import BlockVanished, ConditionFailed
from colonnade.indexing.indexer import Indexer
from colonnade.plugin import PROJECT
from colonnade.store import Value, Writes

if TYPE_CHECKING:
    from colonnade.context import Context

HEAD: Final = Entity(PROJECT, "ChainHead", partition="{chain}", serves=("the last head that was announced",))

_REMEMBERED: Final = 64
"""Heads that are compared with the chain, to tell how far back it was reorganised."""


@dataclass(frozen=True, slots=True)
class Follower:
    """Follows one chain, one look at a time. Raises what the ports raise; the next look goes on."""

    context: Context
    history: ChainHistory
    indexer: Indexer

    async def look(self) -> bool:
        """Index what is new and announce the head, unless it is the one announced before; whether there was work."""
        confirmed, safe, finalized = await self.history.heads()
        try:
            step = await self.indexer.step(confirmed)
            # What only catches up is not waited for.
            announced = step.live and await self._announce(confirmed, safe, finalized)
        except ConditionFailed:
            return True  # Another follower was faster, as at the end of a shift: see what it left to do.
        if step.failure is not None:
            raise step.failure
        return step.more or announced

    async def _announce(self, head: BlockRef, safe: BlockRef, finalized: BlockRef) -> bool:
        item = await self.context.store.get(HEAD.key(chain=head.chain_id))
        known = _remembered(item.attributes) if item else []
        if known and known[-1] == (head.number, head.hash):
            return False
        fork = await self._fork(known, head)
        if known and fork is None and head.number <= known[-1][0]:
            return False  # The node is behind, or the chain is shorter for a moment: it will grow.
        kept = [(number, block_hash) for number, block_hash in known if fork is None or number < fork]
        kept = [*kept, (head.number, head.hash)][-_REMEMBERED:]
        recent: list[Value] = [[number, block_hash] for number, block_hash in kept]
        version = cast(int, item.attributes["version"]) if item else 0
        moved = ChainHeadMoved(
            chain_id=head.chain_id,
            number=head.number,
            hash="0x" + head.hash.hex(),
            timestamp=int(head.timestamp.timestamp()),
            safe=safe.number,
            finalized=finalized.number,
            reorganised_from=fork,
        )
        row = HEAD.put(
            {"chain": head.chain_id, "version": version + 1, "recent": recent},
            condition=attribute("version").equals(version) if item else absent(),
        )
        await self.context.store.transact(Writes([row, self.context.record(moved)]))
        return True

    async def _fork(self, known: Sequence[tuple[int, bytes]], head: BlockRef) -> int | None:
        """The lowest height of which another block was announced, or None where the chain only grew.

        Where `head` is below all that is remembered, a little is a node that is behind, and more is another chain.
        Raises `BlockVanished` where the node has no block at a height below the head that it was told of.
        """
        if not known or known[-1] == (head.number - 1, head.parent_hash):
            return None
        lowest, _ = known[0]
        if head.number < lowest:
            return lowest if lowest - head.number > _REMEMBERED else None
        blocks = await self.history.blocks([number for number, _ in known])
        for (number, block_hash), block in zip(known, blocks, strict=True):
            if block is not None and block.hash != block_hash:
                return number
            if block is None and number <= head.number:
                raise BlockVanished(f"no node has block {number} of chain {head.chain_id} yet: look again")
        return None


def _remembered(attributes: Mapping[str, Value]) -> list[tuple[int, bytes]]:
    pairs = cast("Sequence[tuple[int, bytes]]", attributes["recent"])
    return [(number, block_hash) for number, block_hash in pairs]
