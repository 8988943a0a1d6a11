"""The `Store` port: one table, read by key, changed by conditional transactions and by counters that count on.

Adapters: `colonnade.testing.MemoryStore` and DynamoDB. Both pass the same contract test, and both refuse what
`colonnade.store_rules` refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol, TypeAlias

from colonnade.conditions import Condition
from colonnade.errors import InvalidCursor, InvalidWrite

Value: TypeAlias = "str | int | bool | bytes | Sequence[Value] | Mapping[str, Value] | None"
"""What an attribute holds. An int must fit a DynamoDB number (|n| < 10^38); any larger uint256 is a string.

Sequences are read back as lists, mappings as dicts. A bool is not an int, in conditions either.
"""

MAX_WRITES: Final = 100
MAX_KEYS: Final = 100
MAX_LIMIT: Final = 1_000

IndexName: TypeAlias = Literal["gsi1", "gsi2", "gsi3"]


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Where an item stands: its partition and its place in it, in the table or in an index."""

    partition: str
    sort: str


@dataclass(frozen=True, slots=True)
class Item:
    """A row.

    `attributes`: their names may not begin with an underscore, which marks what the store itself keeps.
    `index_keys`: the item's places in the overloaded indexes. `expires_at`: epoch seconds, the first at which the
    item is no longer there; None is never.
    """

    key: Key
    attributes: Mapping[str, Value]
    index_keys: Mapping[IndexName, Key] = field(default_factory=dict[IndexName, Key])
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole item, replacing what is there, if `condition` holds."""

    item: Item
    condition: Condition | None = None

    @property
    def key(self) -> Key:
        return self.item.key


@dataclass(frozen=True, slots=True)
class Update:
    """Change attributes of an item if `condition` holds; creates the item where there is none.

    `set` assigns, `add` adds integers (an absent attribute counts as 0), `remove` deletes attributes; each
    attribute appears once. `index_keys` places the item in the indexes it names, or takes it out of those it maps
    to None; `expires_at` moves the expiry, `"never"` lifts it. What is not named stays as it is. Of an expired
    item nothing stays: the update starts from an empty one.
    """

    key: Key
    set: Mapping[str, Value] = field(default_factory=dict[str, Value])
    add: Mapping[str, int] = field(default_factory=dict[str, int])
    remove: Sequence[str] = ()
    condition: Condition | None = None
    index_keys: Mapping[IndexName, Key | None] = field(default_factory=dict[IndexName, Key | None])
    expires_at: int | Literal["never"] | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove an item if `condition` holds; removing what is not there succeeds."""

    key: Key
    condition: Condition | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """Let the transaction pass only if `condition` holds for this item."""

    key: Key
    condition: Condition


Write: TypeAlias = Put | Update | Delete | Check


@dataclass(frozen=True, slots=True, init=False)
class Writes:
    """What one change of state writes; services return it, and the caller commits it with its own.

    Raises `InvalidWrite` for more than 100 writes or two writes on one item, when it is put together.
    """

    items: tuple[Write, ...]

    def __init__(self, writes: Iterable[Write] = ()) -> None:
        items = tuple(writes)
        if len(items) > MAX_WRITES:
            raise InvalidWrite(f"a transaction holds at most {MAX_WRITES} writes, this one {len(items)}")
        seen: set[Key] = set()
        for write in items:
            if write.key in seen:
                raise InvalidWrite(f"two writes on {write.key} in one transaction: merge them into one")
            seen.add(write.key)
        object.__setattr__(self, "items", items)

    def __add__(self, other: Writes) -> Writes:
        return Writes((*self.items, *other.items))

    def __iter__(self) -> Iterator[Write]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True)
class SortRange:
    """Which part of a partition: sort keys that begin with `prefix`, or lie in [`low`, `high`], not both.

    Sort keys compare as their UTF-8 bytes do, which is also how Python compares strings.
    """

    prefix: str | None = None
    low: str | None = None
    high: str | None = None

    def __post_init__(self) -> None:
        if self.prefix is not None and (self.low is not None or self.high is not None):
            raise ValueError("a sort range has either a prefix or bounds")

    def __contains__(self, sort: str) -> bool:
        if self.prefix is not None:
            return sort.startswith(self.prefix)
        return (self.low is None or self.low <= sort) and (self.high is None or sort <= self.high)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: the item's key, and its key in the index that was read.

    It names a place, not an item: the next page is right also when that item has changed or gone since.
    """

    key: Key
    index_key: Key | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """Items of one partition in the order of their sort keys, from the table or from an index.

    `limit`: items wanted, 1 to 1,000. `after`: the position a page of this partition ended at, whatever its sort
    range or direction was. Reads of the table are strongly consistent; an index follows the table within moments,
    and holds items of equal sort keys in an order of its own, always the same. Raises `InvalidCursor` for a
    position in another partition.
    """

    partition: str
    index: IndexName | None = None
    sort: SortRange = field(default_factory=SortRange)
    limit: int = 100
    descending: bool = False
    after: Position | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MAX_LIMIT:
            raise ValueError(f"the limit of a query is 1 to {MAX_LIMIT}, not {self.limit}")
        if self.after is None:
            return
        place = self.after.key if self.index is None else self.after.index_key
        if (
            (self.index is None) != (self.after.index_key is None)
            or not place
            or place.partition != self.partition
        ):
            raise InvalidCursor("this position belongs to another list; take one from a page of this query")


@dataclass(frozen=True, slots=True)
class Page:
    """Items in order; `next` is None exactly when nothing follows."""

    items: tuple[Item, ...]
    next: Position | None


class Store(Protocol):
    """One table. An expired item is never returned, and fails every condition that needs it to exist.

    Every method raises `StoreUnavailable` when the database does not answer within its time-outs.
    """

    async def get(self, key: Key) -> Item | None:
        """The item at `key`, read consistently, or None."""
        ...

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        """The items that exist among at most 100 distinct `keys`, each read consistently, not all at one moment."""
        ...

    async def query(self, query: Query) -> Page:
        """One page. A page is full unless the partition ends, however large its items are.

        Raises `PageTooLarge` where that would take more than 8 MiB of items: ask for fewer.
        """
        ...

    async def transact(self, writes: Writes) -> None:
        """Commit all `writes` or none; no writes at all succeed.

        Raises `ConditionFailed` (with the items that stood in the way), `InvalidWrite`, `StoreConflict` or
        `StoreUnavailable`. After `StoreUnavailable` the outcome is unknown: repeat with the same conditions, and
        find in `ConditionFailed.failed` whether the first attempt had succeeded.
        """
        ...

    async def increment(self, key: Key, name: str, by: int = 1) -> int:
        """Add `by`, 1 or more, to the number in attribute `name` of the item at `key`, and return the sum.

        For giving out numbers to a crowd: nobody's attempt makes another's fail, and each sum is above all that
        were returned before, so none is returned twice. An absent attribute counts as 0. An absent item is
        created; of an expired one nothing stays, so its numbers begin anew. The rest of an item is left alone.

        It is not part of a transaction, and numbers may be skipped: where an answer is lost, it adds once more.
        What has to add up belongs in an `Update` of a transaction.

        Raises `InvalidWrite` where the attribute holds no number or the sum would be 10^38 or more, `StoreConflict`
        where nothing was added, or `StoreUnavailable`, after which numbers may have been skipped: ask again.
        """
        ...
