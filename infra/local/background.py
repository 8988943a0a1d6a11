"""Work that goes on beside the gateway, in threads that end in an orderly way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from botocore.exceptions import HTTPClientError

from colonnade.errors import ChainUnavailable, QueueUnavailable, StoreUnavailable
from infra.local.stopping import Stopping

_AFTER_FAILURE: Final = 1.0
_PATIENCE: Final = 10.0
_UNAVAILABLE: Final = (ChainUnavailable, HTTPClientError, QueueUnavailable, StoreUnavailable)
"""What passes: a busy machine's database or chain did not answer in time."""

_log = logging.getLogger(__name__)


class Background(Stopping):
    """A thread that calls `step` until `stop`; `step` says how many seconds to wait before it is called again.

    A step that raises is logged, in a line without a trace where what it needs did not answer, and the next one follows
    a second later. `stop` waits for the step at work, at most ten seconds.
    """

    def __init__(self, name: str, step: Callable[[], float]) -> None:
        self._name: Final = name
        self._step: Final = step
        self._ending: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """See `Stopping`."""
        self._ending.set()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                seconds = self._step()
            except _UNAVAILABLE as unavailable:
                _log.warning(
                    "What a step in the background needs does not answer; it is tried again in a second",
                    extra={"fields": {"of": self._name, "why": str(unavailable)}},
                )
                seconds = _AFTER_FAILURE
            except Exception:
                _log.exception(
                    "A step of what runs in the background failed", extra={"fields": {"of": self._name}}
                )
                seconds = _AFTER_FAILURE
            if seconds:
                self._ending.wait(seconds)
