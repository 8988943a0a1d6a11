"""Migrations: rows that are as an earlier version wrote them, changed while everything goes on.

    Migration("actions.find-by-owner", ACTION, reindexed(ACTION), "Lets an account's actions be found by whose they are.")

A deployment that runs a newer version reads old rows and new ones, and writes new ones. `colonnade migrate` then walks
the rows that are left, at a bounded rate, and changes each on condition that nobody has changed it since it was read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from colonnade.entities import Entity
from colonnade.store import Item

Change: TypeAlias = Callable[[Item], Item | None]
"""What a row should be, or None where it is that already. Pure; asked again, of what it gave, it gives None. The key of
a row stays. What it raises is the reason that is kept for the row."""


@dataclass(frozen=True, slots=True)
class Migration:
    """A change of all rows of `entity`.

    `name`: unique, kept for ever. `summary`: what it is for, for operators. `on_failure`: whether a row that cannot be
    changed stops the migration there, or is noted and passed over. `rate`: rows that are read in a second, unless the
    operator says otherwise. `needs`: migrations that come first.
    """

    name: str
    entity: Entity
    change: Change
    summary: str
    on_failure: Literal["stop", "continue"] = "continue"
    rate: int = 500
    needs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.rate < 1:
            raise ValueError(f"migration {self.name}: reads at least one row a second, not {self.rate}")


def reindexed(entity: Entity) -> Change:
    """The change that puts rows where the entity's indexes now have them; nothing else of them changes."""

    def change(item: Item) -> Item | None:
        placed = entity.item(item.attributes, expires_at=item.expires_at, lasts=item.expires_at is None)
        return None if placed.index_keys == item.index_keys else placed

    return change


def upgraded(entity: Entity) -> Change:
    """The change that brings rows to the entity's present version, and to their places in its indexes."""

    def change(item: Item) -> Item | None:
        attributes = entity.read(item.attributes)
        placed = entity.item(attributes, expires_at=item.expires_at, lasts=item.expires_at is None)
        same = placed.attributes == item.attributes and placed.index_keys == item.index_keys
        return None if same else placed

    return change
