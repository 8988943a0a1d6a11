"""What a projection makes of a transaction, whatever that holds.

Anybody can write a log that looks like another, and all plugins share one pass: what one of them cannot read is left
out of its rows and logged as an error, so that the chain goes on for the others. What the chain or the store had no
answer for is read again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from colonnade.chain_logs import IndexedTransaction
from colonnade.errors import ChainUnavailable, StoreConflict, StoreUnavailable
from colonnade.events import Event
from colonnade.indexing.generations import FIRST, check_declared, moved_item
from colonnade.indexing.tracks import Track
from colonnade.store import Item, Key, Put, Writes
from colonnade.store_rules import checked, item_size

if TYPE_CHECKING:
    from colonnade.context import Context

MOST_EVENTS: Final = 2
"""Events that may tell of a row."""

MOST_BYTES: Final = 120 * 1024
"""What a row and its events may hold, since thirty rows are written together."""

_AGAIN: Final = (ChainUnavailable, StoreUnavailable, StoreConflict)

_log = logging.getLogger(__name__)


async def projected(
    context: Context, track: Track, transaction: IndexedTransaction
) -> Sequence[tuple[Key, Writes]]:
    """Where a track keeps rows of a transaction, each with the writes that keep it, and announce it if readers see it.

    None at all where the projection fails. Raises `ChainUnavailable`, `StoreUnavailable` and `StoreConflict`.
    """
    projection = track.projection
    try:
        rows = await projection.project(context, transaction)
        return [_kept(context, track, row) for row in rows]
    except _AGAIN:
        raise
    except Exception:
        fields = {
            "projection": projection.name,
            "chainId": projection.chain_id,
            "block": transaction.block.number,
            "transaction": "0x" + transaction.receipt.transaction_hash.hex(),
        }
        _log.exception("A projection leaves out a transaction that it cannot read", extra={"fields": fields})
        return ()


def retracted(context: Context, track: Track, row: Item) -> Writes:
    """The events that say that a row is gone; none where the projection cannot tell, or nobody saw it."""
    projection = track.projection
    if not track.here.tells:
        return Writes()
    try:
        return _told(context, projection.retract, moved_item(row, FIRST, track.generation))
    except Exception:
        fields = {"projection": projection.name, "chainId": projection.chain_id, "key": str(row.key)}
        _log.exception("A projection cannot say that a row is gone", extra={"fields": fields})
        return Writes()


def _kept(context: Context, track: Track, row: Item) -> tuple[Key, Writes]:
    if track.projection.entities:
        check_declared(track.projection, row)
    placed = moved_item(row, track.generation)
    told = _told(context, track.projection.announce, row)
    # What would be too much to tell is left out by a generation that nobody is told of, too: both have the same rows.
    whole = Writes([Put(placed)]) + told
    size = sum(item_size(write.item) for write in checked(whole) if isinstance(write, Put))
    if size > MOST_BYTES:
        raise ValueError(f"a row and its events hold at most {MOST_BYTES} bytes, not {size}")
    return placed.key, whole if track.here.tells else Writes([Put(placed)])


def _told(context: Context, says: Callable[[Item], Sequence[Event]] | None, row: Item) -> Writes:
    events = says(row) if says else ()
    if len(events) > MOST_EVENTS:
        raise ValueError(f"at most {MOST_EVENTS} events tell of a row, not {len(events)}")
    return Writes(context.record(event) for event in events)
