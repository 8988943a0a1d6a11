"""What a projection makes of a transaction, whatever that holds.

Anybody can write a log that looks like another, and all plugins share one pass: what one of them cannot read is left
out of its rows and logged as an error, so that the chain goes on for the others. What the chain or the store had no
answer for is read again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from colonnade.chain_logs import ChainLogs, IndexedTransaction
from colonnade.errors import ChainUnavailable, StoreConflict, StoreUnavailable
from colonnade.events import Event
from colonnade.store import Item, Put, Writes
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
    context: Context, projection: ChainLogs, transaction: IndexedTransaction
) -> Sequence[tuple[Item, Writes]]:
    """The rows that a projection keeps of a transaction, each with the writes that keep and announce it.

    None at all where it fails. Raises `ChainUnavailable`, `StoreUnavailable` and `StoreConflict`.
    """
    try:
        rows = await projection.project(context, transaction)
        return [(row, _kept(context, projection, row)) for row in rows]
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


def retracted(context: Context, projection: ChainLogs, row: Item) -> Writes:
    """The events that say that a row is gone; none where the projection cannot tell."""
    try:
        return _told(context, projection.retract, row)
    except Exception:
        fields = {"projection": projection.name, "chainId": projection.chain_id, "key": str(row.key)}
        _log.exception("A projection cannot say that a row is gone", extra={"fields": fields})
        return Writes()


def _kept(context: Context, projection: ChainLogs, row: Item) -> Writes:
    writes = Writes([Put(row)]) + _told(context, projection.announce, row)
    size = sum(item_size(write.item) for write in checked(writes) if isinstance(write, Put))
    if size > MOST_BYTES:
        raise ValueError(f"a row and its events hold at most {MOST_BYTES} bytes, not {size}")
    return writes


def _told(context: Context, says: Callable[[Item], Sequence[Event]] | None, row: Item) -> Writes:
    events = says(row) if says else ()
    if len(events) > MOST_EVENTS:
        raise ValueError(f"at most {MOST_EVENTS} events tell of a row, not {len(events)}")
    return Writes(context.record(event) for event in events)
