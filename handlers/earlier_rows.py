"""Rows that an earlier version left in a laptop's database are changed when `make dev` starts, as no operator does it there."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from colonnade.errors import OperationLost, StoreConflict, StoreUnavailable
from colonnade.migrating.running import MigrationBusy, MigrationStopped, Migrator, pending
from colonnade.scanning import Scanner
from colonnade.schedule import ASKED
from colonnade.store import MAX_KEYS
from handlers import runtime

RATE: Final = 1_000_000
"""Rows a second: nobody pays for these, and nobody else reads them."""

_SOON: Final = 1.0
_DONE: Final = 86_400.0


class EarlierRows:
    """Carries out what migrations are pending on a table that is not new. `say`: gets a line for each."""

    def __init__(
        self, application: runtime.Application, scanner: Callable[[], Scanner], say: Callable[[str], object]
    ) -> None:
        self._application: Final = application
        self._scanner: Final = scanner
        self._say: Final = say

    def step(self) -> float:
        """Change what is left; how many seconds to wait until the next time.

        A new table is left to the first tick, which notes on it that there is nothing to change. What another runner has in
        hand, or had when it was killed, and what the database did not answer, is tried again a second later.
        """
        try:
            return runtime.run(self._step())
        except (MigrationBusy, OperationLost, StoreConflict, StoreUnavailable):
            return _SOON

    async def _step(self) -> float:
        context = self._application.make_context("earlier-rows", None)
        left = await pending(context)
        if not left:
            return _DONE
        jobs = self._application.jobs.scheduled[:MAX_KEYS]
        if not await context.store.batch_get([ASKED.key(job=job.name) for job in jobs]):
            return _SOON
        migrator = Migrator(context, self._scanner(), f"make-dev-{os.getpid()}", RATE)
        for plugin, migration in await pending(context):
            try:
                progress = await migrator.run(migration)
            except MigrationStopped as error:
                self._say(f"Rows of an earlier version were left: {error}\n")
                return _DONE
            self._say(f"Rows of an earlier version: {migration.name} ({plugin}), {progress}\n")
        return _DONE
