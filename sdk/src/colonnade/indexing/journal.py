"""How far a chain is indexed, and what to delete when it takes blocks back.

One row says which block comes next to be indexed. One more for each stretch of blocks says which rows it wrote; it is
needed until the stretch is final, and expires long after that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from colonnade.chains import ChainId
from colonnade.conditions import Condition, absent, attribute
from colonnade.entities import Entity
from colonnade.plugin import PROJECT
from colonnade.store import Delete, Key, Put, Query, SortRange, Update, Value

KEPT: Final = timedelta(days=3)
"""How long stretches are kept: a chain that is not final for longer than that needs an operator anyway."""

ROWS: Final = 30
"""Rows that are written or deleted together, each with the two events that may tell of it."""

CHECKPOINT: Final = Entity(
    PROJECT, "IndexCheckpoint", partition="{chain}", serves=("the last block that is indexed",)
)
STRETCH: Final = Entity(
    PROJECT,
    "IndexedStretch",
    partition="{chain}",
    sort="{first:020d}",
    serves=("what a stretch of blocks wrote, the newest first",),
    expires=True,
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The last block of which everything is indexed. `hash` is empty before the first: nothing is to be compared."""

    chain: ChainId
    number: int
    hash: bytes

    @classmethod
    def of(cls, chain: ChainId, attributes: Mapping[str, Value]) -> Checkpoint:
        """The checkpoint that a row holds."""
        return cls(chain, cast(int, attributes["number"]), cast(bytes, attributes["hash"]))

    def is_here(self) -> Condition:
        """That nobody has indexed further, or rewound, since this was read."""
        here = attribute("number").equals(self.number) & attribute("hash").equals(self.hash)
        return here if self.hash else absent() | here

    def move(self, to: Checkpoint) -> Put:
        """The write that makes `to` the checkpoint, if this still is."""
        return CHECKPOINT.put(
            {"chain": to.chain, "number": to.number, "hash": to.hash}, condition=self.is_here()
        )


@dataclass(frozen=True, slots=True)
class Row:
    """A row that a projection wrote."""

    projection: str
    key: Key


@dataclass(frozen=True, slots=True)
class Stretch:
    """Blocks `first` to `last` (whose hash is `hash`) on top of `before`, and the rows that were made of them.

    A stretch without rows is not kept.

    `written`: how many of its parts have been committed; it is whole with the checkpoint at `last`. `removed`: how many
    of the rows have been deleted again, the first ones.
    """

    chain: ChainId
    first: int
    last: int
    hash: bytes
    before: bytes
    rows: tuple[Row, ...]
    written: int = 0
    removed: int = 0

    @classmethod
    def of(cls, chain: ChainId, attributes: Mapping[str, Value]) -> Stretch:
        """The stretch that a row holds."""
        rows = cast("Sequence[Sequence[str]]", attributes["rows"])
        return cls(
            chain,
            cast(int, attributes["first"]),
            cast(int, attributes["last"]),
            cast(bytes, attributes["hash"]),
            cast(bytes, attributes["before"]),
            tuple(Row(projection, Key(partition, sort)) for projection, partition, sort in rows),
            cast(int, attributes["written"]),
            cast(int, attributes["removed"]),
        )

    def put(self, now: datetime) -> Put:
        """The write that begins the stretch, with its first part."""
        return STRETCH.put(
            {
                "chain": self.chain,
                "first": self.first,
                "last": self.last,
                "hash": self.hash,
                "before": self.before,
                "rows": [[row.projection, row.key.partition, row.key.sort] for row in self.rows],
                "written": 1,
                "removed": 0,
            },
            condition=absent(),
            expires_at=int((now + KEPT).timestamp()),
        )

    def advance(self, written: int) -> Update:
        """The write that counts one part more than `written` as committed, once."""
        condition = self._is_here & attribute("written").equals(written) & attribute("removed").equals(0)
        return Update(self._key, add={"written": 1}, condition=condition)

    def undo(self, removed: int, count: int) -> Update:
        """The write that counts `count` rows more than `removed` as deleted, once."""
        return Update(self._key, add={"removed": count}, condition=self._has_lost(removed))

    def delete(self, removed: int) -> Delete:
        """The write that forgets the stretch, of which `removed` rows had been deleted."""
        return Delete(self._key, self._has_lost(removed))

    @property
    def _key(self) -> Key:
        return STRETCH.key(chain=self.chain, first=self.first)

    @property
    def _is_here(self) -> Condition:
        return attribute("hash").equals(self.hash)

    def _has_lost(self, removed: int) -> Condition:
        written = attribute("written").equals(self.written)
        return self._is_here & written & attribute("removed").equals(removed)


def newest(chain: ChainId, begun_by: int | None = None) -> Query:
    """The newest stretch of a chain, or the newest that begins at this height or below it."""
    sort = None if begun_by is None else SortRange(high=STRETCH.key(chain=chain, first=begun_by).sort)
    return STRETCH.query(chain=chain, sort=sort, descending=True, limit=1)
