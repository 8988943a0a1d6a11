"""Every row of an account, found by key: from its id to its rows, from these to further identifiers, and on.

A walk holds one page of rows for each step from the account to where it is (an account, its wallet, …), however many
rows there are. Its place can be kept, and whoever takes the walk up there goes on with the row that comes next.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, cast

from colonnade.personal_data import ACCOUNT, Identifier, PersonalData, Place
from colonnade.store import Item, Key, Position, Query, Store

PAGE: Final = 25
"""Rows that are read together."""

_DEEPEST: Final = 8


@dataclass(slots=True)
class _Step:
    """The rows of one identifier. `data` and `place`: which declaration, and which of its places, is read at present;
    `after`: where its last finished row stands; `inside`: the row whose own identifiers are being followed."""

    identifier: Identifier
    data: int = 0
    place: int = 0
    after: Position | None = None
    inside: Key | None = None
    waiting: list[tuple[Item, Position]] = field(default_factory=list[tuple[Item, Position]])
    at_end: bool = False

    def next_place(self) -> None:
        self.place += 1
        self.after = self.inside = None
        self.at_end = False


class Walk:
    """A walk through the rows of `account`. Children come before the row that led to them, so that a walk which
    deletes what it meets finds the rest again after a kill.

    `anew`: whether it begins anew, also where `cursor` was kept by a version that declared other rows.
    """

    def __init__(
        self,
        store: Store,
        declared: Sequence[PersonalData],
        account: str,
        cursor: Mapping[str, Any] | None = None,
    ) -> None:
        self._store: Final = store
        self._declared: Final = declared
        self._account: Final = account
        self._names: Final = [f"{data.entity.plugin}.{data.entity.name}" for data in declared]
        self._all: Final = hashlib.sha256("\n".join(self._names).encode()).hexdigest()[:32]
        self.anew: Final = cursor is None or cursor.get("declared") != self._all
        self._steps = [_Step(Identifier(ACCOUNT, account))]
        if cursor is not None and not self.anew:
            self._steps = list(self._restored(cursor))

    @property
    def cursor(self) -> dict[str, Any]:
        """Where the walk is, as the store keeps it: after the row that it gave last."""
        return {"declared": self._all, "steps": [self._kept(step) for step in self._steps]}

    async def rows(self) -> AsyncIterator[tuple[PersonalData, Item]]:
        """The rows from here on, each once unless two rows lead to it. Raises `StoreError`."""
        while self._steps:
            step = self._steps[-1]
            if step.data == len(self._declared):
                self._steps.pop()
                continue
            data = self._declared[step.data]
            found = await self._next(step, data)
            if found is None:
                continue
            item, position = found
            if step.inside != item.key:
                children = [i for i in data.leads_to(item.attributes) if not self._is_followed(i)]
                if children and len(self._steps) < _DEEPEST:
                    step.inside = item.key
                    step.waiting.insert(0, found)
                    self._steps += [_Step(child) for child in children]
                    continue
            step.after, step.inside = position, None
            yield data, item

    async def _next(self, step: _Step, data: PersonalData) -> tuple[Item, Position] | None:
        """The next row of the declaration that a step is at; None where it moved on to the next place."""
        places = self._places(step, data)
        if step.place >= len(places):
            step.data, step.place = step.data + 1, 0
            return None
        if step.waiting:
            return step.waiting.pop(0)
        if step.at_end:
            step.next_place()
            return None
        await self._read(step, data, places[step.place])
        return None

    async def _read(self, step: _Step, data: PersonalData, place: Place) -> None:
        """Let the rows of one more page wait in `step`."""
        if isinstance(place, Key):
            item = None if step.after is not None else await self._store.get(place)
            found = [] if item is None else [(item, Position(item.key))]
            step.at_end = True
        else:
            page = await self._store.query(replace(place, limit=PAGE, after=step.after))
            found = [(item, _position(item, place)) for item in page.items]
            step.at_end = page.next is None
            if found and not any(self._is_theirs(data, item) for item, _ in found):
                step.after = page.next
        step.waiting = [(item, position) for item, position in found if self._is_theirs(data, item)]

    def _places(self, step: _Step, data: PersonalData) -> Sequence[Place]:
        find = data.rows.get(step.identifier.kind)
        return [] if find is None else list(find(step.identifier.value))

    def _is_theirs(self, data: PersonalData, item: Item) -> bool:
        return data.owner is None or item.attributes.get(data.owner) == self._account

    def _is_followed(self, identifier: Identifier) -> bool:
        return any(step.identifier == identifier for step in self._steps)

    def _kept(self, step: _Step) -> dict[str, Any]:
        return {
            "kind": step.identifier.kind,
            "value": step.identifier.value,
            "data": self._names[step.data] if step.data < len(self._names) else None,
            "place": step.place,
            "after": None if step.after is None else _position_kept(step.after),
            "inside": None if step.inside is None else [step.inside.partition, step.inside.sort],
        }

    def _restored(self, cursor: Mapping[str, Any]) -> Iterator[_Step]:
        for kept in cast("Sequence[Mapping[str, Any]]", cursor["steps"]):
            name = kept["data"]
            yield _Step(
                Identifier(kept["kind"], kept["value"]),
                len(self._names) if name is None else self._names.index(name),
                kept["place"],
                None if kept["after"] is None else _position_restored(kept["after"]),
                None if kept["inside"] is None else Key(*kept["inside"]),
            )


def _position(item: Item, query: Query) -> Position:
    return Position(item.key, None if query.index is None else item.index_keys[query.index])


def _position_kept(position: Position) -> list[list[str] | None]:
    index = position.index_key
    return [
        [position.key.partition, position.key.sort],
        None if index is None else [index.partition, index.sort],
    ]


def _position_restored(kept: Sequence[Sequence[str] | None]) -> Position:
    key, index = kept
    assert key is not None
    return Position(Key(*key), None if index is None else Key(*index))
