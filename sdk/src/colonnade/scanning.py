"""The `Scanner` port: all items of an entity, for work that operators start and that no request waits for.

Adapters: `colonnade.testing.MemoryStore` and DynamoDB; both pass the same contract test. It is no part of `Store`, so
that nothing on the way of a request can reach it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from colonnade.entities import Entity
from colonnade.store import Item, Key


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """Items in no order. `read`: how many rows the store read for it, which is what it costs, those of other entities
    included; `next`: where the next page begins, which may be empty, or None at the end.
    """

    items: tuple[Item, ...]
    read: int
    next: Key | None


class Scanner(Protocol):
    """Walks the table.

    An item that is there from the beginning of a walk to its end, and whose key stays, is met at least once, whatever
    else is written meanwhile. Expired items are not met.
    """

    async def scan(self, entity: Entity, *, after: Key | None, limit: int) -> ScannedPage:
        """A page of an entity's items, read consistently, from `after` on. `limit`: rows to be read for it, 1 to 1,000.

        Raises `StoreUnavailable`.
        """
        ...
