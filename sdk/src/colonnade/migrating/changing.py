"""One row, changed once: on condition that it is as it was read, however many runners and writers there are."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final, Literal

from colonnade.conditions import All, Condition, attribute, exists
from colonnade.errors import ConditionFailed, InvalidWrite
from colonnade.migrations import Migration
from colonnade.store import IndexName, Item, Key, Store, Update, Value, Writes
from colonnade.store_rules import MAX_TERMS

ATTEMPTS: Final = 5
"""How often a row is read again that changes while it is changed."""


class Outcome(Enum):
    """What became of a row."""

    CHANGED = "changed"
    AS_IT_SHOULD_BE = "as it should be"
    GONE = "gone"


class KeepsChanging(Exception):
    """A row was another at each attempt."""


async def change_row(store: Store, migration: Migration, item: Item, *, dry: bool = False) -> Outcome:
    """Change `item` as the migration says; with `dry`, only find out whether it would be.

    Raises what the migration raises, `InvalidWrite` for what no store accepts, `KeepsChanging`, and `StoreError`.
    """
    for _ in range(ATTEMPTS):
        wanted = migration.change(item)
        if wanted is None:
            return Outcome.AS_IT_SHOULD_BE
        if wanted.key != item.key:
            raise InvalidWrite(f"the migration would move {item.key}; a row's key stays")
        if dry:
            return Outcome.CHANGED
        try:
            await store.transact(Writes([_update(item, wanted)]))
        except ConditionFailed:
            fresh = await store.get(item.key)
            if fresh is None:
                return Outcome.GONE
            item = fresh
        else:
            return Outcome.CHANGED
    raise KeepsChanging(f"it was another at each of {ATTEMPTS} attempts; run the migration again")


def _update(before: Item, after: Item) -> Update:
    """The write that makes `after` of `before`; what else has been added to the row meanwhile stays."""
    old, new = before.attributes, after.attributes
    changed = {name: value for name, value in new.items() if name not in old or old[name] != value}
    places: dict[IndexName, Key | None] = {
        slot: place for slot, place in after.index_keys.items() if before.index_keys.get(slot) != place
    }
    expires_at: int | Literal["never"] = "never" if after.expires_at is None else after.expires_at
    places |= {slot: None for slot in before.index_keys if slot not in after.index_keys}
    return Update(
        before.key,
        set=changed,
        remove=[name for name in old if name not in new],
        index_keys=places,
        condition=_unchanged(old, changed),
        expires_at=None if after.expires_at == before.expires_at else expires_at,
    )


def _unchanged(old: Mapping[str, Value], changed: Mapping[str, Value]) -> Condition:
    terms = [exists(), *(attribute(name).equals(value) for name, value in old.items())]
    terms += [attribute(name).absent() for name in changed if name not in old]
    if len(terms) > MAX_TERMS:
        raise InvalidWrite(
            f"a row of {len(old)} attributes cannot be compared in one condition of {MAX_TERMS} terms"
        )
    return All(tuple(terms))
