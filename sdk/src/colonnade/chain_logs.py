"""Projections of a chain's logs: what the log indexer asks of plugins."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from colonnade.chains import BlockRef, ChainId, Log, Receipt
from colonnade.entities import Entity
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
class ChainLogs:
    """Logs that a plugin keeps something of.

    `name`: unique, kept for ever. `topics`: first topics of the wanted logs; `addresses`:
    the contracts whose logs are wanted, any if empty. `project` gives the rows that are kept of a transaction, each
    written by that transaction alone; it may be called again for the same one, and must then give the same rows. A
    transaction over which it fails is left out of its rows, and logged as an error: anybody can write logs.

    `entities`: those of the rows; a projection that names none cannot be rebuilt. `start`: the first block that has any of
    these logs, such as a contract's first, or None for the deployment's. `version`: raised where the same logs make other
    rows; then, and where topics or addresses change, the rows are made anew beside those that serve, and take their
    place once they are complete.

    `announce` tells which events say that a row is there, `retract` which say that it is gone, since the chain took its
    block back: at most two a row.
    """

    name: str
    chain_id: ChainId
    topics: tuple[bytes, ...]
    project: Callable[[Context, IndexedTransaction], Awaitable[Sequence[Item]]]
    addresses: tuple[Address, ...] = ()
    announce: Callable[[Item], Sequence[Event]] | None = None
    retract: Callable[[Item], Sequence[Event]] | None = None
    entities: tuple[Entity, ...] = ()
    start: int | None = None
    version: int = 1
