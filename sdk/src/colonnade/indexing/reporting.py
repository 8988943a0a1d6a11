"""How far behind each projection is, said once a minute: a line in the log, and a metric."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from colonnade.chain_logs import ChainLogs
from colonnade.chains import ChainHistory, ChainId
from colonnade.errors import ColonnadeError
from colonnade.indexing.backlog import NEAR, backlogs
from colonnade.store import Store
from colonnade.telemetry.measures import Measures

EVERY: Final = 60.0
"""Seconds between two reports."""

METRIC: Final = "IndexBlocksBehind"
"""Blocks from the last that a projection has to the head, by `projection`."""

REBUILD: Final = "RebuildBlocksBehind"
"""The same for rows that are built anew while others serve: far behind at first, and nobody waits for them."""

_log = logging.getLogger(__name__)


class Reporting:
    """Reports of one chain. `clock`: seconds, monotonic."""

    def __init__(
        self,
        store: Store,
        measures: Measures,
        chain: ChainId,
        projections: Sequence[ChainLogs],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store: Final = store
        self._measures: Final = measures
        self._chain: Final = chain
        self._projections: Final = projections
        self._clock: Final = clock
        self._told: float | None = None

    async def tell(self, history: ChainHistory) -> None:
        """Report, unless that was done within the last minute. Never raises for what does not answer."""
        if self._told is not None and self._clock() - self._told < EVERY:
            return
        self._told = self._clock()
        try:
            head = (await history.head()).number
            found = await backlogs(self._store, self._chain, self._projections, head)
        except ColonnadeError as error:
            _log.warning("How far the index of chain %s is cannot be told: %s", self._chain, error)
            return
        for one in found:
            fields = {
                "projection": one.projection,
                "generation": one.generation,
                "serves": one.serves,
                "indexed": one.indexed,
                "behind": one.behind,
                "beyond": one.beyond,
                "mending": one.mending,
                "retired": len(one.retired),
            }
            _log.info("The index", extra={"fields": fields})
            if one.beyond > NEAR:
                _log.error("The chain is shorter than its index", extra={"fields": fields})
            if one.unsure:
                _log.error(
                    "Rows of another chain may be left: rebuild the projection", extra={"fields": fields}
                )
            if one.behind is not None:
                name = METRIC if one.serves else REBUILD
                self._measures.count(name, one.behind, "Count", projection=one.projection)
