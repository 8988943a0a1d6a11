"""Jobs: what a plugin does on a schedule, or when its turn in the queue comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from colonnade.context import Context


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do. `run(context, arguments)` may be called twice for one turn, and must then do nothing more.

    `name`: unique, as in `actions.expire`. `every`: how often the schedule asks for it (whole minutes), or None
    for a job that only the queue brings.
    """

    name: str
    run: Callable[[Context, Mapping[str, Any]], Awaitable[None]]
    every: timedelta | None = None
