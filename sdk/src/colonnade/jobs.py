"""Jobs: what a plugin does on a schedule, or when its turn in the queue comes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from colonnade.boundary import bounded
from colonnade.errors import UnknownJob

if TYPE_CHECKING:
    from colonnade.context import Context

JOB_BUDGET: Final = 60.0
"""Seconds that one turn of a job may take; a job with more to do leaves the rest to its next turn."""

_MINUTE: Final = timedelta(minutes=1)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do. `run(context, arguments)` may be called twice for one turn, and must then do nothing more.

    `name`: unique, as in `actions.expire`. `every`: how often the schedule asks for it (whole minutes), or None
    for a job that only the queue brings. Raises ValueError for another time.
    """

    name: str
    run: Callable[[Context, Mapping[str, Any]], Awaitable[None]]
    every: timedelta | None = None

    def __post_init__(self) -> None:
        if self.every is not None and (self.every < _MINUTE or self.every % _MINUTE):
            raise ValueError(
                f"job {self.name}: the schedule knows whole minutes, at least one, not {self.every}"
            )


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of a deployment, each with its plugin.

    `make_context`: the context of one turn by the name of its job. `budget`: seconds that a turn may take.
    """

    jobs: Sequence[tuple[str, Job]]
    make_context: Callable[[str], Context]
    budget: float = JOB_BUDGET

    @property
    def scheduled(self) -> Mapping[str, timedelta]:
        """How often the schedule asks for which job."""
        return {job.name: job.every for _, job in self.jobs if job.every is not None}

    async def run(self, name: str, arguments: Mapping[str, Any]) -> None:
        """One turn. Raises `UnknownJob`, `DeadlineExceeded`, and what the job raises, which is logged with its
        plugin.
        """
        found = [(plugin, job) for plugin, job in self.jobs if job.name == name]
        if not found:
            raise UnknownJob(f"no plugin here declares the job {name!r}")
        [(plugin, job)] = found
        try:
            await bounded(f"job {name}", self.budget, job.run(self.make_context(name), arguments))
        except Exception:
            _log.exception("A job failed", extra={"fields": {"plugin": plugin, "job": name}})
            raise
