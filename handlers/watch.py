"""Shifts: each follows one source of events, a chain, until its time is over and the next takes over.

A schedule starts a shift each minute for each source, `{"source": "chain:8453"}`. One of them holds the lease and works;
those that come meanwhile wait a minute for it, so that one is always there when it ends.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final
from uuid import uuid4

from colonnade.chains import ChainId
from colonnade.indexing.following import Follower
from colonnade.indexing.indexer import Indexer
from colonnade.indexing.reporting import Reporting
from colonnade.leases import Leases
from colonnade.shifts import Shift
from handlers import runtime

LONGEST: Final = 14 * 60.0
"""Seconds of a shift; a Lambda function lives fifteen minutes."""

STANDBY: Final = 65.0
"""Seconds that a shift waits for its turn: a little longer than until the next one comes."""

_BEFORE_THE_END: Final = 30.0
_SOURCE: Final = re.compile(r"chain:([1-9][0-9]{0,17})")


class UnknownSource(ValueError):
    """The schedule asks for a source that nobody can watch."""


class WatchHandler:
    """Works shifts for one application; each thread runs its own event loop.

    `holder`: in whose name leases are held, where only one process ever does; else each shift has its own.
    """

    def __init__(self, application: runtime.Application, holder: str | None = None) -> None:
        self._application = application
        self._holder = holder

    def __call__(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:
        """One shift, as long as the function has time; how many looks that were."""
        remaining = LONGEST
        if context is not None:
            remaining = min(LONGEST, context.get_remaining_time_in_millis() / 1_000 - _BEFORE_THE_END)
        source = str(event.get("source"))
        return {"source": source, "looks": self.work(source, remaining)}

    def work(self, source: str, seconds: float, stopping: Callable[[], bool] = lambda: False) -> int:
        """One shift at `source`. Raises `UnknownSource`, and `UnknownChain` for a chain that is not configured."""
        chain = _SOURCE.fullmatch(source)
        if chain is None:
            raise UnknownSource(f"{source[:100]!r} is no source; one is written as in chain:8453")
        with self._application.telemetry.recording("shift") as record:
            record.operation = source
            looks = record.items = runtime.run(
                self._follow(ChainId(int(chain[1])), source, seconds, stopping)
            )
        return looks

    async def _follow(
        self, chain_id: ChainId, source: str, seconds: float, stopping: Callable[[], bool]
    ) -> int:
        ports = self._application.adapters
        # What several endpoints agree on, where there are several: what is indexed stays.
        history = ports.chains.witnessed(chain_id)
        projections = [
            projection
            for _, projection in self._application.composition.chain_logs
            if projection.chain_id == chain_id
        ]
        start = self._application.settings.index_starts().get(chain_id)

        async def look() -> bool:
            # The reads of one context hold for one block: a shift's would see the chain as it was at its beginning.
            context = self._application.make_context(f"watch-{uuid4().hex}", None)
            return await Follower(context, history, Indexer(context, history, projections, start)).look()

        backlog = Reporting(ports.store, ports.measures, chain_id, projections)

        async def look_and_tell() -> bool:
            try:
                return await look()
            finally:  # an index that does not get on says so, too
                await backlog.tell(history)

        shift = Shift(Leases(ports.store, ports.clock), source, self._holder or uuid4().hex)
        return await shift.work(look_and_tell, seconds, STANDBY, stopping)


@cache
def _handler() -> WatchHandler:
    return WatchHandler(runtime.application())


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """The entry point of the Lambda function."""
    with runtime.invocation():
        return _handler()(event, context)


if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    _handler()  # during initialisation, which a snapshot keeps
