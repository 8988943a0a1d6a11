"""Projections of a chain's logs: what the log indexer asks of plugins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from colonnade.chains import BlockRef, ChainId, Log, Receipt
from colonnade.events import Event
from colonnade.evm import Address
from colonnade.store import Item

if TYPE_CHECKING:
    from colonnade.context import Context


@dataclass(frozen=True, slots=True)
class IndexedTransaction:
    """A transaction of which some logs match a filter.

    `logs`: those, in order; `receipt`: the whole of it, with every log.
    """

    block: BlockRef
    receipt: Receipt
    logs: Sequence[Log]


@dataclass(frozen=True, slots=True)
class Projection:
    """What is kept of a transaction: rows, each written by this transaction alone, and events that tell of them."""

    items: Sequence[Item] = ()
    events: Sequence[Event] = ()


@dataclass(frozen=True, slots=True)
class ChainLogs:
    """Logs that a plugin keeps something of.

    `name`: unique, kept for ever; another name indexes anew. `topics`: first topics of the wanted logs; `addresses`:
    the contracts whose logs are wanted, any if empty. `project` may be called again for the same transaction, and
    must then give the same rows. When a reorganisation takes a block back, its rows are deleted, and `retract` tells
    which events say so, at most two a row.
    """

    name: str
    chain_id: ChainId
    topics: tuple[bytes, ...]
    project: Callable[[Context, IndexedTransaction], Awaitable[Projection]]
    addresses: tuple[Address, ...] = ()
    retract: Callable[[Item], Sequence[Event]] | None = None
