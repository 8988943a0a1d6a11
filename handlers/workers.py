"""What works beside the gateway of a laptop, in a process of its own: on AWS it has functions of its own, and what it takes
of a processor is not taken from whoever asks. `python -m handlers.workers STATE`.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from handlers import runtime
from handlers.background import background
from infra.local import processes, settled
from infra.local.background import Background
from infra.local.stopping import Stopping

LOOK: Final = 1.0
"""Seconds between looks at whether the process lives."""

_AGAIN: Final = 5.0
_GRACE: Final = 10.0
"""Seconds that it has to finish what it has in hand."""

_NICENESS: Final = 10

_log = logging.getLogger(__name__)


class Workers(Stopping):
    """The process, and another one when it ends by itself; `state`: where it is kept how far it is."""

    def __init__(self, state: Path) -> None:
        self._state: Final = state
        self._process = self._begin()

    @property
    def alive(self) -> bool:
        """Whether the process lives."""
        return self._process.alive

    def look(self) -> float:
        """Begin again where it has ended; the seconds until the next look."""
        if self.alive:
            return LOOK
        _log.error("What works in the background has ended by itself; it is begun again")
        self.stop()
        self._process = self._begin()
        return _AGAIN

    def stop(self) -> None:
        """See `Stopping`."""
        self._process.stop()

    def _begin(self) -> processes.Process:
        command: list[str | Path] = [sys.executable, "-m", "handlers.workers", self._state]
        return processes.Process.start(
            "workers", command, directory=processes.ROOT, logs=self._state / "logs", grace=_GRACE, shown=True
        )


@contextmanager
def workers(state: Path) -> Iterator[Workers]:
    """Within the block, a process does what `background` says, for the application that this environment describes."""
    with Workers(state) as at_work, Background("workers", at_work.look):
        yield at_work


def main(state: Path) -> None:
    """Work until SIGTERM, which interrupts nothing: what has begun is ended in order. Whoever asks the gateway comes first."""
    os.nice(_NICENESS)
    ends = {signal.SIGTERM, signal.SIGHUP}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # for the threads that begin from here on, too
    with background(runtime.application(), state):
        settled.settle()
        signal.sigwait(ends)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
