"""Checkpoints from before each projection had its own: adopted once, so that no block is left out or indexed again.

There was one checkpoint for a chain and one journal for all projections. Every projection that is met first goes on from
there with its part of the journal; what was half written or half undone is undone, and read again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, cast

from colonnade.chains import ChainId
from colonnade.conditions import attribute
from colonnade.entities import Entity
from colonnade.indexing.journal import CHECKPOINT, STRETCH, Checkpoint, Stretch
from colonnade.plugin import PROJECT
from colonnade.store import Item, Key, SortRange, Store, Value, Write, Writes

ADOPTED: Final = b"adopted"
"""What stands for the hash in a checkpoint that was adopted."""

FORMER_CHECKPOINT: Final = Entity(
    PROJECT, CHECKPOINT.name, partition="{chain}", serves=("the last block that was indexed, for all",)
)
FORMER_STRETCH: Final = Entity(
    PROJECT,
    STRETCH.name,
    partition="{chain}",
    sort="{first:020d}",
    serves=("what a stretch of blocks wrote, for all",),
    expires=True,
)

_NOT_FINAL: Final = 2_000
"""Blocks whose part of the journal is taken over: more than are ever not final."""


async def adopted(
    store: Store, chain: ChainId, tracks: Mapping[str, str], now: datetime
) -> Mapping[str, Checkpoint]:
    """The checkpoints of `tracks` (by projection), where there was one for all; none where there was not.

    Raises `ConditionFailed` where another adopts it or still indexes by it.
    """
    item = await store.get(FORMER_CHECKPOINT.key(chain=chain))
    if item is None or item.attributes["hash"] in (b"", ADOPTED):
        return {}
    number, block_hash = cast(int, item.attributes["number"]), cast(bytes, item.attributes["hash"])
    stretches = await _stretches(store, chain, number)
    begun: set[str] = set()
    for stretch in stretches:
        taken = {name: _part(chain, track, name, stretch, number) for name, track in tracks.items()}
        found = {name: part for name, part in taken.items() if part is not None}
        begun |= {name for name, part in found.items() if part.removed}
        puts = [replace(part.put(now), condition=None) for part in found.values()]
        await store.transact(Writes(puts))
    checkpoints = {
        name: Checkpoint(chain, track, number, block_hash, begun=name in begun, tells=True)
        for name, track in tracks.items()
    }
    unchanged = attribute("number").equals(number) & attribute("hash").equals(block_hash)
    closed: dict[str, Value] = {"chain": chain, "number": number, "hash": ADOPTED}
    moves: list[Write] = [replace(one, hash=b"").move(one) for one in checkpoints.values()]
    await store.transact(Writes([FORMER_CHECKPOINT.put(closed, condition=unchanged), *moves]))
    return checkpoints


async def _stretches(store: Store, chain: ChainId, number: int) -> Sequence[Item]:
    low = FORMER_STRETCH.key(chain=chain, first=max(0, number - _NOT_FINAL)).sort
    query = FORMER_STRETCH.query(chain=chain, sort=SortRange(low=low), limit=100)
    found: list[Item] = []
    while True:
        page = await store.query(query)
        found += page.items
        if page.next is None:
            return found
        query = replace(query, after=page.next)


def _part(chain: ChainId, track: str, projection: str, item: Item, number: int) -> Stretch | None:
    """What a projection wrote of a stretch; None for nothing."""
    read = item.attributes
    removed = cast(int, read["removed"])
    rows = cast("Sequence[Sequence[str]]", read["rows"])[removed:]
    own = tuple(Key(partition, sort) for name, partition, sort in rows if name == projection)
    if not own:
        return None
    first, last = cast(int, read["first"]), cast(int, read["last"])
    whole = Stretch(
        chain, track, first, last, cast(bytes, read["hash"]), cast(bytes, read["before"]), own, written=1
    )
    if last <= number and not removed:
        return whole
    # A row is named twice and counted as removed, so that the rest, which is all of them, is undone.
    return replace(whole, rows=(own[0], *own), removed=1)
