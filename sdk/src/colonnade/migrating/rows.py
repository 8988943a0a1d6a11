"""What is kept of migrations."""

from __future__ import annotations

from typing import Final

from colonnade.entities import Entity
from colonnade.plugin import PROJECT

MIGRATION: Final = Entity(
    PROJECT, "Migration", partition="{name}", serves=("whether a migration is done, and when it was",)
)

MIGRATION_FAILURE: Final = Entity(
    PROJECT,
    "MigrationFailure",
    partition="{name}",
    sort="{row}",
    serves=("the rows that a migration could not change, with the reason",),
    expires=True,
)
