"""What Lambda does for a queue: hand its messages to a handler, and settle them by what it answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from infra.local.queues import LocalQueue
from infra.queues.events import queue_event

Handler: TypeAlias = Callable[[Mapping[str, Any], object], Mapping[str, Any]]

_WAIT: Final = 0.2

_log = logging.getLogger(__name__)


class QueueWorker:
    """Works on a queue, one batch of at most `batch` messages at a time; several workers may share one queue."""

    def __init__(self, queue: LocalQueue, handler: Handler, batch: int) -> None:
        self._queue: Final = queue
        self._handler: Final = handler
        self._batch: Final = batch

    def step(self) -> float:
        """One batch, if there is one soon; what the handler raises fails all of it."""
        taken = self._queue.take(_WAIT, self._batch)
        if taken:
            try:
                answer = self._handler(queue_event(taken, self._queue.name), None)
                failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
            except Exception:
                _log.exception("The handler of a queue raised", extra={"fields": {"queue": self._queue.name}})
                failed = {message.id for message in taken}
            self._queue.settle(taken, failed)
        return 0.0
