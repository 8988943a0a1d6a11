"""The `Queue` port: work for later, done at least once.

Adapters: SQS, and one within the process for a laptop and for tests; both give up on a message after the same
number of attempts, and keep it apart (a dead-letter queue).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Message:
    """A task. `body`: JSON values.

    In a first-in-first-out queue, messages of one `group` are worked on in order, one at a time, and of those with
    one `deduplication_id` only the first within five minutes counts. Elsewhere `delay_seconds` (at most 900) may
    hold a message back.
    """

    body: Mapping[str, Any]
    group: str | None = None
    deduplication_id: str | None = None
    delay_seconds: int = 0


class Queue(Protocol):
    """Where tasks wait for a worker."""

    async def send(self, messages: Sequence[Message]) -> None:
        """Accept all `messages`. Raises `QueueUnavailable`; then some of them may have been accepted."""
        ...


@dataclass(frozen=True, slots=True)
class Queues:
    """The queues of a deployment: `deliveries` is first-in-first-out, `jobs` is not."""

    deliveries: Queue
    jobs: Queue
