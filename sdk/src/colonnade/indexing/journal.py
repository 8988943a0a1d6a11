"""How far a track of a chain is indexed, and what to delete when the chain takes blocks back.

A track is one generation of one projection's rows. One row says which of its blocks comes next. One more for each stretch
of blocks says which rows it wrote; it is needed until the stretch is final, and expires long after that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, cast

from colonnade.chains import ChainId
from colonnade.conditions import Condition, absent, attribute
from colonnade.entities import Entity
from colonnade.indexing.ancestry import Ancestry
from colonnade.indexing.landmarks import Landmarks
from colonnade.indexing.reach import Reach
from colonnade.plugin import PROJECT
from colonnade.store import Check, Delete, Key, Put, Query, SortRange, Update, Value

KEPT: Final = timedelta(days=3)
"""How long stretches are kept: a chain that is not final for longer than that needs an operator anyway."""

ROWS: Final = 30
"""Rows that are written or deleted together, each with the two events that may tell of it."""

CHECKPOINT: Final = Entity(
    PROJECT,
    "IndexCheckpoint",
    partition="{chain}",
    sort="{track}",
    serves=("the last block that a track has indexed",),
)
STRETCH: Final = Entity(
    PROJECT,
    "IndexedStretch",
    partition="{chain}/{track}",
    sort="{first:020d}",
    serves=("what a stretch of a track's blocks wrote, the newest first",),
    expires=True,
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The last block of which a track has everything. `hash` is empty before the first: nothing is to be compared.

    `begun`: whether some parts of the next stretch are written, and not all. `tells`: whether the track's rows are those
    that readers see, so that events tell of them. `reach`: how many blocks to ask for next. `marks`: those of
    the last blocks (`Ancestry`), and `landmarks` of some before them (`Landmarks`). `unsure`: whether rows may be left of
    blocks that the chain does not have, older than what is remembered: a rebuild ends that.
    """

    chain: ChainId
    track: str
    number: int
    hash: bytes
    begun: bool = False
    tells: bool = False
    reach: Reach = field(default_factory=Reach)
    marks: bytes = b""
    landmarks: bytes = b""
    unsure: bool = False

    @classmethod
    def of(cls, chain: ChainId, track: str, attributes: Mapping[str, Value]) -> Checkpoint:
        """The checkpoint that a row holds."""
        return cls(
            chain,
            track,
            cast(int, attributes["number"]),
            cast(bytes, attributes["hash"]),
            cast(bool, attributes["begun"]),
            cast(bool, attributes["tells"]),
            Reach(*cast("Sequence[int]", attributes["reach"])),
            cast(bytes, attributes.get("marks", b"")),
            cast(bytes, attributes.get("landmarks", b"")),
            cast(bool, attributes.get("unsure", False)),
        )

    @property
    def ancestry(self) -> Ancestry:
        """The blocks up to this one, as far as they are remembered."""
        return Ancestry(self.number, self.marks or Ancestry.of(self.number, self.hash).marks)

    @property
    def key(self) -> Key:
        """Where it is kept."""
        return CHECKPOINT.key(chain=self.chain, track=self.track)

    def is_here(self) -> Condition:
        """That nobody has indexed further, rewound, begun or switched since this was read."""
        here = attribute("number").equals(self.number) & attribute("hash").equals(self.hash)
        here = here & attribute("begun").equals(self.begun) & attribute("tells").equals(self.tells)
        return here if self.hash else absent() | here

    def check(self) -> Check:
        """Lets a transaction pass only if this is still the checkpoint."""
        return Check(self.key, self.is_here())

    def move(self, to: Checkpoint) -> Put:
        """The write that makes `to` the checkpoint, if this still is."""
        reach: list[Value] = [to.reach.blocks, to.reach.refused, to.reach.taken, to.reach.held]
        attributes: dict[str, Value] = {
            "chain": to.chain,
            "track": to.track,
            "number": to.number,
            "hash": to.hash,
            "begun": to.begun,
            "tells": to.tells,
            "reach": reach,
            "marks": to.marks,
            "landmarks": to.landmarks,
            "unsure": to.unsure,
        }
        return CHECKPOINT.put(attributes, condition=self.is_here())

    def back(self, number: int, block_hash: bytes) -> Checkpoint:
        """The same track at another block, with nothing begun."""
        marks = self.ancestry.up_to(number, block_hash).marks
        passed = Landmarks.of(self.landmarks).up_to(number).packed
        return replace(self, number=number, hash=block_hash, begun=False, marks=marks, landmarks=passed)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Blocks `first` to `last` (whose hash is `hash`) on top of `before`, and the rows that a track made of them.

    A stretch without rows is not kept.

    `marks`: those of the blocks up to `last` (`Ancestry`).
    `written`: how many of its parts have been committed; it is whole with the checkpoint at `last`. `removed`: how many
    of the rows have been deleted again, the first ones.
    """

    chain: ChainId
    track: str
    first: int
    last: int
    hash: bytes
    before: bytes
    rows: tuple[Key, ...]
    marks: bytes = b""
    written: int = 0
    removed: int = 0

    @classmethod
    def of(cls, chain: ChainId, track: str, attributes: Mapping[str, Value]) -> Stretch:
        """The stretch that a row holds."""
        rows = cast("Sequence[Sequence[str]]", attributes["rows"])
        return cls(
            chain,
            track,
            cast(int, attributes["first"]),
            cast(int, attributes["last"]),
            cast(bytes, attributes["hash"]),
            cast(bytes, attributes["before"]),
            tuple(Key(partition, sort) for partition, sort in rows),
            cast(bytes, attributes.get("marks", b"")),
            cast(int, attributes["written"]),
            cast(int, attributes["removed"]),
        )

    @property
    def ancestry(self) -> Ancestry:
        """The blocks up to its last, as far as they are remembered."""
        return Ancestry(self.last, self.marks or Ancestry.of(self.last, self.hash).marks)

    def put(self, now: datetime) -> Put:
        """The write that begins the stretch, with its first part."""
        return STRETCH.put(
            {
                "chain": self.chain,
                "track": self.track,
                "first": self.first,
                "last": self.last,
                "hash": self.hash,
                "before": self.before,
                "rows": [[row.partition, row.sort] for row in self.rows],
                "marks": self.marks,
                "written": max(1, self.written),
                "removed": self.removed,
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
        return STRETCH.key(chain=self.chain, track=self.track, first=self.first)

    @property
    def _is_here(self) -> Condition:
        return attribute("hash").equals(self.hash)

    def _has_lost(self, removed: int) -> Condition:
        written = attribute("written").equals(self.written)
        return self._is_here & written & attribute("removed").equals(removed)


def newest(chain: ChainId, track: str, begun_by: int | None = None) -> Query:
    """The newest stretch of a track, or the newest that begins at this height or below it."""
    parts: dict[str, str | int] = {"chain": chain, "track": track}
    sort = None if begun_by is None else SortRange(high=STRETCH.key(**parts, first=begun_by).sort)
    return STRETCH.query(None, sort=sort, limit=1, descending=True, **parts)
