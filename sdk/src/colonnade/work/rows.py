"""What is kept of work that is done later, and of operations that take long."""

from __future__ import annotations

from typing import Final

from colonnade.entities import Entity, Index
from colonnade.plugin import PROJECT

TASK: Final = Entity(
    PROJECT,
    "Task",
    partition="{id}",
    indexes=(
        Index("due", "gsi1", partition="{shard}", sort="{look:012d}/{id}"),
        Index("dead", "gsi2", partition="{shard}", sort="{dead_at:012d}/{id}"),
        Index("asked", "gsi3", partition="{asked_by}", sort="{id}"),
    ),
    serves=("a task", "tasks whose time has come", "dead letters, newest first", "what an account asked for"),
    expires=True,
)

ONCE: Final = Entity(
    PROJECT, "Once", partition="{job}", sort="{key}", serves=("which task has this key",), expires=True
)

LONG_OPERATION: Final = Entity(
    PROJECT,
    "LongOperation",
    partition="{id}",
    indexes=(
        Index("all", "gsi1", partition="{scope}", sort="{created_at}/{id}"),
        Index("owned", "gsi2", partition="{owner}", sort="{created_at}/{id}"),
    ),
    serves=("an operation", "all operations, newest first", "an account's operations, newest first"),
    expires=True,
)
