"""`GET /health/deep`: the platform's own checks and the plugins', all at once, each in its time.

| check | down | degraded |
|---|---|---|
| `colonnade.database` | a read is not answered | |
| `colonnade.chain-8453` | its endpoints do not answer | its newest block is older than a minute |
| `colonnade.index-8453` | | a minute or more behind, or something waits for an operator |
| `colonnade.events-8453` | | announcements of heads that the stream has not brought |
| `colonnade.dead-letters` | they cannot be read | some wait for an operator |

Names and statuses are for everybody; notes are in the log, once for each change, and in what `colonnade doctor` says. A
process looks at most every five seconds.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from colonnade.dead_events import KINDS, DeadEvents
from colonnade.health import Health, Status
from handlers import health as standing

if TYPE_CHECKING:
    from colonnade.context import Context
    from colonnade.health import HealthCheck
    from handlers.runtime import Application

KEPT: Final = 5.0
"""Seconds for which an answer is given again, so that the page cannot be used for load."""

OLD: Final = 60.0
"""Seconds from which on a chain's newest block is an old one: Base has one every two."""

LATE: Final = 30
"""Blocks of backlog from which on an index is late: a minute of Base."""

_PLATFORM_SECONDS: Final = 3 * standing.SECONDS
_ORDER: Final = (Status.OK, Status.DEGRADED, Status.DOWN)
_log = logging.getLogger(__name__)

Found = Mapping[str, Health]


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, by the names of checks."""

    checks: Found

    @property
    def status(self) -> Status:
        """The worst of all."""
        return max((health.status for health in self.checks.values()), key=_ORDER.index, default=Status.OK)

    def shown(self) -> Mapping[str, object]:
        """What everybody may see: no notes."""
        checks = {name: health.status.value for name, health in sorted(self.checks.items())}
        return {"status": self.status.value, "checks": checks}


class DeepHealth:
    """Looks at what an application stands on; safe to use from several threads, each with its event loop."""

    def __init__(self, application: Application, now: Callable[[], float] = time.monotonic) -> None:
        self._application: Final = application
        self._now: Final = now
        self._standing: Final = standing.HealthCheck(application, tuple(application.settings.endpoints()))
        self._lock: Final = threading.Lock()
        self._found: tuple[float, Report] | None = None
        self._looking: Future[None] | None = None

    async def look(self) -> Report:
        """The report, at most five seconds old. Where several ask at once, one looks and the others wait for it."""
        while True:
            with self._lock:
                if self._found is not None and self._now() - self._found[0] <= KEPT:
                    return self._found[1]
                looking = self._looking
                if looking is None:
                    mine = self._looking = Future[None]()
            if looking is None:
                return await self._looked(mine)
            await asyncio.shield(asyncio.wrap_future(looking))

    async def _looked(self, mine: Future[None]) -> Report:
        try:
            report = await self.asked()
            with self._lock:
                before, self._found = self._found, (self._now(), report)
            _tell(before[1].checks if before else {}, report.checks)
            return report
        finally:  # whoever waits looks by itself where this one was cancelled
            with self._lock:
                self._looking = None
            mine.set_result(None)

    async def asked(self) -> Report:
        """What everything answers now, neither kept nor logged: for an operator, who is shown the notes."""
        make_context = self._application.make_context
        answers = await asyncio.gather(
            _in_time("colonnade.platform", self._platform(), _PLATFORM_SECONDS),
            _in_time("colonnade.dead-letters", self._dead_letters(), standing.SECONDS),
            *(
                _in_time(check.name, _asked(check, make_context("health", None)), check.seconds)
                for _, check in self._application.composition.health
            ),
        )
        return Report({name: health for answer in answers for name, health in answer.items()})

    async def _platform(self) -> Found:
        found = await self._standing.look()
        database = Health(Status.OK) if found.database else Health(Status.DOWN, "a read is not answered")
        now = self._application.adapters.clock.now().timestamp()
        checks = {"colonnade.database": database}
        for chain in found.chains:
            checks.update(_of_chain(chain, now))
        return checks

    async def _dead_letters(self) -> Found:
        adapters = self._application.adapters
        kept = DeadEvents(adapters.store, adapters.clock)
        pages = await asyncio.gather(*(kept.listed(kind, 10) for kind in KINDS))
        events = sum(letter.state == "dead" for letters, _ in pages for letter in letters)
        queues = (adapters.queues.deliveries, adapters.queues.jobs)
        messages = sum(len(queue.dead) for queue in queues if isinstance(queue, standing.Countable))
        if not events + messages:
            return {"colonnade.dead-letters": Health(Status.OK)}
        note = f"at least {events} events and {messages} messages were given up, and wait for an operator"
        return {"colonnade.dead-letters": Health(Status.DEGRADED, note)}


def _of_chain(chain: standing.ChainHealth, now: float) -> Iterator[tuple[str, Health]]:
    number = chain.chain_id
    if chain.head is None:
        yield f"colonnade.chain-{number}", Health(Status.DOWN, "no endpoint answers")
    else:
        age = now - chain.head.timestamp.timestamp()
        yield f"colonnade.chain-{number}", _late(age > OLD, f"its newest block is {age:.0f} seconds old")
    if chain.projections:
        lag = chain.lag or 0
        worries = [*chain.worries, *([f"{lag:,} blocks behind"] if lag >= LATE else ())]
        yield f"colonnade.index-{number}", _late(bool(worries), "; ".join(worries))
    waiting = chain.waiting or 0
    behind = f"{waiting:,} announcements were not brought"
    yield f"colonnade.events-{number}", _late(waiting >= standing.BEHIND, behind)


def _late(late: bool, note: str) -> Health:
    return Health(Status.DEGRADED, note) if late else Health(Status.OK)


async def _asked(check: HealthCheck, context: Context) -> Found:
    answer: object = await check.check(context)
    if not isinstance(answer, Health):
        answer = Health(Status.DOWN, f"the check gave {type(answer).__name__}, not Health")
    return {check.name: answer}


async def _in_time(name: str, asked: Coroutine[Any, Any, Found], seconds: float) -> Found:
    """What was asked, or that it is down. What ignores that it is cancelled is left to itself."""
    task = asyncio.ensure_future(asked)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            return {name: Health(Status.DOWN, f"no answer in {seconds:g} seconds")}
        return task.result()
    except Exception as error:
        return {name: Health(Status.DOWN, f"failed: {type(error).__name__}")}
    finally:
        task.cancel()


def _tell(before: Found, after: Found) -> None:
    """Log what changed, with its note; what is well from the beginning is not worth a line."""
    for name, health in after.items():
        was = before.get(name, Health(Status.OK)).status
        if health.status is not was:
            fields = {"check": name, "status": health.status.value, "was": was.value, "note": health.note}
            _log.warning("A health check changed", extra={"fields": fields})
