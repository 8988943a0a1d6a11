"""Entities: what a plugin keeps in the store, as keys made from templates.

    NOTE = Entity("notes", "Note", partition="{author}", sort="{id}",
                  indexes=(Index("by_topic", "gsi1", partition="{topic}", sort="{id}"),),
                  serves=("an author's notes, oldest first", "notes on a topic, oldest first"))

    NOTE.put({"author": author, "id": note_id, "topic": "base", "text": text}, condition=absent())
    NOTE.query(author=author)          NOTE.query("by_topic", topic="base")

Keys begin with the plugin and the entity, so that plugins cannot meet. Strings from outside are escaped, so that
no value can reach into the next part of a key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from colonnade.conditions import Condition
from colonnade.errors import InvalidWrite, StoreError
from colonnade.key_templates import names_in, render
from colonnade.store import Delete, IndexName, Item, Key, Put, Query, SortRange, Value

VERSION: Final = "entity_version"
"""The attribute that says of which version an item is, of entities that have had more than one."""

_SEPARATOR: Final = "#"
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Index:
    """Another order of an entity's items: in `slot`, one of the table's overloaded indexes.

    An item of which an attribute in these templates is None is not in the index.
    """

    name: str
    slot: IndexName
    partition: str
    sort: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of item.

    `partition` and `sort` are templates over the item's attributes; `{n:020d}` makes numbers sort. `serves`: the
    access patterns it exists for, each answered by its key or an index. `expires`: whether items carry a time to
    live. `upgrades`: how the attributes of each earlier version become those of the next, the first version's first;
    `read` applies them, and what is written is of the present version. Raises ValueError for templates whose keys could
    not be told apart, and for indexes that share a slot.
    """

    plugin: str
    name: str
    partition: str
    sort: str = "-"
    indexes: tuple[Index, ...] = ()
    serves: tuple[str, ...] = ()
    expires: bool = False
    upgrades: tuple[Callable[[Mapping[str, Value]], Mapping[str, Value]], ...] = ()

    def __post_init__(self) -> None:
        for name in (self.name, *(index.name for index in self.indexes)):
            if not _NAME.fullmatch(name):
                raise ValueError(f"an entity or index is called by letters and digits, not {name!r}")
        for kind, taken in (
            ("name", [index.name for index in self.indexes]),
            ("slot", [index.slot for index in self.indexes]),
        ):
            if len(set(taken)) < len(taken):
                raise ValueError(
                    f"two indexes of {self.plugin}.{self.name} have the same {kind}; change one of them"
                )
        for template in (
            self.partition,
            self.sort,
            *(t for i in self.indexes for t in (i.partition, i.sort)),
        ):
            names_in(template)

    def key(self, **parts: str | int) -> Key:
        """The key of the item whose key attributes are `parts`."""
        return Key(self._partition(None, self.partition, parts), render(self.sort, parts))

    @property
    def prefix(self) -> str:
        """What the partitions of all its items begin with, in the table, and those of no other entity."""
        return _SEPARATOR.join((self.plugin, self.name, ""))

    @property
    def version(self) -> int:
        """The version of the items that are written: 1, and one more for each upgrade."""
        return len(self.upgrades) + 1

    def read(self, attributes: Mapping[str, Value]) -> Mapping[str, Value]:
        """The attributes of an item of any version, as the present version has them.

        Raises `StoreError` for an item of a version that this one does not know, as a newer deployment writes them.
        """
        version = attributes.get(VERSION, 1)
        if not isinstance(version, int) or not 1 <= version <= self.version:
            raise StoreError(
                f"{self.plugin}.{self.name} has an item of version {version}, this deployment knows {self.version}: "
                "a newer one wrote it; deploy that again"
            )
        for upgrade in self.upgrades[version - 1 :]:
            attributes = upgrade(attributes)
        return attributes if self.version == 1 else {**attributes, VERSION: self.version}

    def item(
        self, attributes: Mapping[str, Value], *, expires_at: int | None = None, lasts: bool = False
    ) -> Item:
        """A whole item of the present version; its keys, also those of the indexes, follow from its attributes.

        `lasts`: that this one item of an entity that expires does not.
        """
        if self.upgrades:
            attributes = {**attributes, VERSION: self.version}
        parts = {name: value for name, value in attributes.items() if isinstance(value, str | int)}
        if (expires_at is not None) != self.expires and not (lasts and expires_at is None):
            raise InvalidWrite(
                f"{self.plugin}.{self.name}: {'give' if self.expires else 'do not give'} expires_at"
            )
        return Item(
            key=self.key(**parts),
            attributes=attributes,
            index_keys={
                index.slot: self._index_key(index, parts)
                for index in self.indexes
                if all(attributes.get(name, "") is not None for name in _names(index))
            },
            expires_at=expires_at,
        )

    def put(
        self,
        attributes: Mapping[str, Value],
        *,
        condition: Condition | None = None,
        expires_at: int | None = None,
    ) -> Put:
        """The write of a whole item."""
        return Put(self.item(attributes, expires_at=expires_at), condition)

    def delete(self, *, condition: Condition | None = None, **parts: str | int) -> Delete:
        """The removal of the item whose key attributes are `parts`."""
        return Delete(self.key(**parts), condition)

    def query(
        self,
        index: str | None = None,
        /,
        *,
        sort: SortRange | None = None,
        limit: int = 100,
        descending: bool = False,
        **parts: str | int,
    ) -> Query:
        """The items of one partition, of the table or of a named index."""
        sort = sort or SortRange()
        if index is None:
            return Query(self._partition(None, self.partition, parts), None, sort, limit, descending)
        found = next((i for i in self.indexes if i.name == index), None)
        if found is None:
            raise InvalidWrite(f"{self.plugin}.{self.name} has no index {index!r}")
        return Query(self._partition(found, found.partition, parts), found.slot, sort, limit, descending)

    def _index_key(self, index: Index, parts: Mapping[str, str | int]) -> Key:
        return Key(self._partition(index, index.partition, parts), render(index.sort, parts))

    def _partition(self, index: Index | None, template: str, parts: Mapping[str, str | int]) -> str:
        head = (self.plugin, self.name) if index is None else (self.plugin, self.name, index.name)
        return _SEPARATOR.join((*head, render(template, parts)))


def _names(index: Index) -> list[str]:
    return [*names_in(index.partition), *names_in(index.sort)]
