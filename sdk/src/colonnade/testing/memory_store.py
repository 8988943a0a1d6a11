"""A `Store` in memory, with every rule of the real one: for tests, and for plugins developed on their own."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from colonnade.conditions import holds
from colonnade.entities import Entity
from colonnade.errors import ConditionFailed, PageTooLarge
from colonnade.scanning import ScannedPage
from colonnade.store import (
    MAX_KEYS,
    Check,
    Delete,
    Item,
    Key,
    Page,
    Position,
    Put,
    Query,
    Update,
    Write,
    Writes,
)
from colonnade.store_rules import (
    MAX_PAGE_BYTES,
    check_sizes,
    checked,
    checked_increment,
    item_size,
    satisfiable,
    updated,
)

if TYPE_CHECKING:
    from colonnade.context import Clock

_Place: TypeAlias = tuple[str, Key]
"""Where an item stands in a partition: its sort key there, then its own key, since indexes hold equal sort keys."""


class MemoryStore:
    """Passes the contract tests of `Store` and `Scanner`; safe to use from several threads and event loops."""

    def __init__(self, clock: Clock) -> None:
        self._clock: Final = clock
        self._items: Final[dict[Key, Item]] = {}
        self._lock: Final = threading.Lock()

    async def get(self, key: Key) -> Item | None:
        """See `Store.get`."""
        with self._lock:
            return copy.deepcopy(self._visible(key, self._now()))

    async def batch_get(self, keys: Sequence[Key]) -> Mapping[Key, Item]:
        """See `Store.batch_get`."""
        wanted = dict.fromkeys(keys)
        if len(wanted) > MAX_KEYS:
            raise ValueError(f"batch_get takes at most {MAX_KEYS} keys, not {len(wanted)}")
        with self._lock:
            now = self._now()
            found = ((key, self._visible(key, now)) for key in wanted)
            return {key: copy.deepcopy(item) for key, item in found if item is not None}

    async def query(self, query: Query) -> Page:
        """See `Store.query`."""
        if not satisfiable(query):
            return Page((), None)
        with self._lock:
            rows = sorted(self._rows(query), key=lambda row: row[0], reverse=query.descending)
        if query.after is not None:
            after = _place(query.after)
            rows = [
                (place, item)
                for place, item in rows
                if (place < after if query.descending else place > after)
            ]
        items = tuple(copy.deepcopy(item) for _, item in rows[: query.limit])
        if (size := sum(map(item_size, items))) > MAX_PAGE_BYTES:
            raise PageTooLarge(
                f"{query.limit} items hold {size} bytes, a page at most {MAX_PAGE_BYTES}: ask for fewer"
            )
        return Page(items, _position(items[-1], query) if len(rows) > query.limit else None)

    async def transact(self, writes: Writes) -> None:
        """See `Store.transact`."""
        plain = checked(writes)
        with self._lock:
            now = self._now()
            before = {write.key: self._visible(write.key, now) for write in plain}
            _check_conditions(plain, before)
            after = {
                write.key: _written(write, before[write.key])
                for write in plain
                if not isinstance(write, Check)
            }
            check_sizes([item for item in after.values() if item is not None])
            for key, item in after.items():
                if item is None:
                    self._items.pop(key, None)
                else:
                    self._items[key] = item

    async def increment(self, key: Key, name: str, by: int = 1) -> int:
        """See `Store.increment`."""
        update = checked_increment(key, name, by)
        with self._lock:
            item = updated(self._visible(key, self._now()), update)
            check_sizes([item])
            self._items[key] = item
        total = item.attributes[name]
        assert isinstance(total, int)
        return total

    async def scan(self, entity: Entity, *, after: Key | None, limit: int) -> ScannedPage:
        """See `Scanner.scan`."""
        with self._lock:
            now = self._now()
            keys = sorted(key for key in self._items if after is None or key > after)
            read = keys[:limit]
            found = [self._visible(key, now) for key in read if key.partition.startswith(entity.prefix)]
            items = tuple(copy.deepcopy(item) for item in found if item is not None)
        return ScannedPage(items, len(read), read[-1] if len(keys) > len(read) else None)

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _visible(self, key: Key, now: float) -> Item | None:
        item = self._items.get(key)
        return None if item is None or _expired(item, now) else item

    def _rows(self, query: Query) -> Iterator[tuple[_Place, Item]]:
        now = self._now()
        for item in self._items.values():
            key = item.key if query.index is None else item.index_keys.get(query.index)
            if (
                key
                and key.partition == query.partition
                and key.sort in query.sort
                and not _expired(item, now)
            ):
                yield (key.sort, item.key), item


def _check_conditions(writes: Sequence[Write], before: Mapping[Key, Item | None]) -> None:
    failed: dict[int, Mapping[str, object] | None] = {}
    for number, write in enumerate(writes):
        item = before[write.key]
        attributes = None if item is None else item.attributes
        if write.condition is not None and not holds(write.condition, attributes):
            failed[number] = copy.deepcopy(attributes)
    if failed:
        raise ConditionFailed(failed)


def _written(write: Put | Update | Delete, before: Item | None) -> Item | None:
    match write:
        case Put(item):
            return item
        case Update():
            return updated(before, write)
        case Delete():
            return None


def _expired(item: Item, now: float) -> bool:
    return item.expires_at is not None and item.expires_at <= now


def _place(position: Position) -> _Place:
    return (position.index_key or position.key).sort, position.key


def _position(item: Item, query: Query) -> Position:
    return Position(item.key, None if query.index is None else item.index_keys[query.index])
