"""Generations of a projection's rows: one serves readers, and another may be built beside it.

The first generation's rows stand below their entity's own name, those of the n-th below `Name-gN`; plugins know nothing of
it. A projection that wants other logs than its rows were made of (`ChainLogs.version`, topics, addresses) is given a new
generation, and so is one that an operator rebuilds. Once that has come as far as the one that serves, both change places
in one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, cast

from colonnade.chain_logs import ChainLogs
from colonnade.conditions import absent, attribute
from colonnade.entities import Entity
from colonnade.errors import InvalidWrite
from colonnade.plugin import PROJECT
from colonnade.store import IndexName, Item, Key, Put, Value

GENERATIONS: Final = Entity(
    PROJECT,
    "IndexGenerations",
    partition="{projection}",
    serves=("which generation of a projection's rows serves, and which is built",),
)

FIRST: Final = 1
_MARK: Final = "-g"


@dataclass(frozen=True, slots=True)
class Generations:
    """The generations of one projection. `building`: None where none is. `filters`, `building_filters`: of which logs
    they are made (`filters_of`). `start`: the first block of the one that is built, or None for the projection's own.
    `retired`: those whose rows are to be deleted. `revision` counts changes of this row.
    """

    projection: str
    serving: int
    filters: str
    building: int | None = None
    building_filters: str = ""
    start: int | None = None
    retired: tuple[int, ...] = ()
    revision: int = 0

    @classmethod
    def of(cls, item: Item) -> Generations:
        """What a row says."""
        read = item.attributes
        return cls(
            cast(str, read["projection"]),
            cast(int, read["serving"]),
            cast(str, read["filters"]),
            cast("int | None", read["building"]),
            cast(str, read["building_filters"]),
            cast("int | None", read["start"]),
            tuple(cast("Sequence[int]", read["retired"])),
            cast(int, read["revision"]),
        )

    @classmethod
    def first(cls, projection: ChainLogs) -> Generations:
        """Those of a projection that is new here."""
        return cls(projection.name, FIRST, filters_of(projection))

    def put(self) -> Put:
        """The write of this after a change; it fails where another changed it meanwhile."""
        attributes: dict[str, Value] = {name: getattr(self, name) for name in self.__slots__}
        attributes |= {"retired": list(self.retired), "revision": self.revision + 1}
        unchanged = attribute("revision").equals(self.revision) if self.revision else absent()
        return GENERATIONS.put(attributes, condition=unchanged)

    def build(self, filters: str, start: int | None = None) -> Generations:
        """With a new generation that is built; one that was built before is given up."""
        given_up = () if self.building is None else (self.building,)
        newest = max(self.serving, *given_up, *self.retired, FIRST)
        retired = (*self.retired, *given_up)
        return replace(self, building=newest + 1, building_filters=filters, start=start, retired=retired)

    def switch(self) -> Generations:
        """With the generation that was built serving, and the other to be deleted."""
        if self.building is None:
            raise ValueError(f"no generation of {self.projection} is built")
        return replace(
            self,
            serving=self.building,
            filters=self.building_filters,
            building=None,
            building_filters="",
            start=None,
            retired=(*self.retired, self.serving),
        )

    def forget(self, generation: int) -> Generations:
        """Without a retired generation, whose rows are gone."""
        return replace(self, retired=tuple(one for one in self.retired if one != generation))


def filters_of(projection: ChainLogs) -> str:
    """Which logs a projection wants, and in which version it reads them, as a short digest."""
    parts = [
        str(projection.version),
        *sorted(topic.hex() for topic in projection.topics),
        "of",
        *sorted(address.lower() for address in projection.addresses),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]


def entity_of(entity: Entity, generation: int) -> Entity:
    """The entity whose rows are those of a generation."""
    return entity if generation == FIRST else replace(entity, name=f"{entity.name}{_MARK}{generation}")


def head_of(partition: str) -> str:
    """Whose partition it is: the plugin and the entity, `notes#Note`."""
    return "#".join(partition.split("#", 2)[:2])


def moved(key: Key, to: int, of: int = FIRST) -> Key:
    """The place in generation `to` of what has `key` in generation `of`."""
    if to == of:
        return key
    head = head_of(key.partition)
    rest = key.partition[len(head) :]
    base = head if of == FIRST else head.removesuffix(f"{_MARK}{of}")
    return Key((base if to == FIRST else f"{base}{_MARK}{to}") + rest, key.sort)


def moved_item(item: Item, to: int, of: int = FIRST) -> Item:
    """An item in its place in another generation, in the indexes too."""
    if to == of:
        return item
    places: Mapping[IndexName, Key] = {slot: moved(key, to, of) for slot, key in item.index_keys.items()}
    return replace(item, key=moved(item.key, to, of), index_keys=places)


def check_declared(projection: ChainLogs, item: Item) -> None:
    """Raises `InvalidWrite` for a row of an entity that the projection does not name: none would find it."""
    if head_of(item.key.partition) not in heads_of(projection):
        raise InvalidWrite(
            f"{projection.name}: {head_of(item.key.partition)} is not among its `entities`; name it there"
        )


def heads_of(projection: ChainLogs) -> frozenset[str]:
    """The beginnings of the partitions in which a projection keeps rows."""
    return frozenset(f"{entity.plugin}#{entity.name}" for entity in projection.entities)
