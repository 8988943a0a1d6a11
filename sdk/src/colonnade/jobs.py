"""Jobs: what a plugin does on a schedule, or when its turn in the queue comes."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from colonnade.boundary import bounded
from colonnade.errors import UnknownJob
from colonnade.telemetry.record import code_of, current_record, note_codes, working

if TYPE_CHECKING:
    from colonnade.context import Context

JOB_BUDGET: Final = 60.0
"""Seconds that one turn of a job may take; a job with more to do leaves the rest to its next turn."""

MOST_MISSED: Final = 100
"""Turns that are made up for, one by one, after a time in which nothing was asked for."""

Missed: TypeAlias = Literal["skip", "once", "each"]
Overlap: TypeAlias = Literal["allow", "skip", "wait"]

_MINUTE: Final = timedelta(minutes=1)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do. `run(context, arguments)` may be called twice for one turn, and must then do nothing more.

    `name`: unique, as in `actions.expire`. Its turns: `every` so often (whole minutes since 1970), or at the times of
    `cron`, five fields on the clock of `time_zone` (an IANA name; `colonnade.work.cron`); with neither, only the queue
    brings it. A turn of the schedule has `{"turn": its time}` as its arguments.

    `missed`: what becomes of turns in a time when nobody asked: "skip" leaves out what is over two minutes late,
    "once" makes up for all of them by one, "each" by one each, the last `MOST_MISSED` at most. `overlap`: what becomes
    of a turn while another of this job is at work: "allow" lets both work, "skip" leaves this one out, "wait" has it
    wait. A turn that failed is tried again `retries` times, after pauses that begin with `backoff` and double up to
    `longest_backoff`, each shortened by chance by up to half; then it is a dead letter. `secret`: arguments that no
    list of dead letters shows.

    Raises ValueError for a schedule that cannot be.
    """

    name: str
    run: Callable[[Context, Mapping[str, Any]], Awaitable[None]]
    every: timedelta | None = None
    cron: str | None = None
    time_zone: str = "UTC"
    missed: Missed = "once"
    overlap: Overlap = "allow"
    retries: int = 4
    backoff: timedelta = timedelta(seconds=30)
    longest_backoff: timedelta = timedelta(hours=1)
    secret: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.every is not None and (self.every < _MINUTE or self.every % _MINUTE):
            raise ValueError(
                f"job {self.name}: the schedule knows whole minutes, at least one, not {self.every}"
            )
        if self.every is not None and self.cron is not None:
            raise ValueError(f"job {self.name}: it has either `every` or `cron`, not both")
        if self.retries < 0 or not timedelta(0) < self.backoff <= self.longest_backoff:
            raise ValueError(
                f"job {self.name}: retries are 0 or more, and 0 < backoff <= longest_backoff, not "
                f"{self.retries}, {self.backoff}, {self.longest_backoff}"
            )
        if self.cron is not None:
            from colonnade.work.cron import Cron  # noqa: PLC0415 - few jobs have one

            try:
                Cron.parse(self.cron, self.time_zone)
            except ValueError as error:
                raise ValueError(f"job {self.name}: {error}") from error

    def pause(self, attempt: int, random: Callable[[], float]) -> timedelta:
        """How long to wait after attempt number `attempt`, from 1, has failed. `random`: from 0 to below 1."""
        first, longest = self.backoff.total_seconds(), self.longest_backoff.total_seconds()
        doubled: float = first * 2 ** min(attempt - 1, 40)
        return timedelta(seconds=min(doubled, longest) * (1 - random() / 2))


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs of a deployment, each with its plugin.

    `make_context`: the context of one turn by its request id. `budget`: seconds that a turn may take.
    """

    jobs: Sequence[tuple[str, Job]]
    make_context: Callable[[str], Context]
    budget: float = JOB_BUDGET

    @property
    def scheduled(self) -> Sequence[Job]:
        """The jobs that the schedule asks for."""
        return [job for _, job in self.jobs if job.every is not None or job.cron is not None]

    def find(self, name: str) -> tuple[str, Job] | None:
        """A job and its plugin, or None where nobody declares it."""
        return next(((plugin, job) for plugin, job in self.jobs if job.name == name), None)

    async def run(self, name: str, arguments: Mapping[str, Any], request_id: str | None = None) -> None:
        """One turn. Raises `UnknownJob`, `DeadlineExceeded`, and what the job raises, which is logged with its
        plugin. `request_id`: of its context, or else its name.
        """
        found = self.find(name)
        if found is None:
            raise UnknownJob(f"no plugin here declares the job {name!r}")
        plugin, job = found
        record = current_record.get()
        if record is not None:
            record.operation = job.name
        try:
            work = job.run(self.make_context(request_id or name), arguments)
            with working(plugin):
                await bounded(f"job {name}", self.budget, work)
        except Exception as error:
            note_codes((code_of(error),))
            _log.exception("A job failed", extra={"fields": {"plugin": plugin, "job": name}})
            raise
