"""What an SQS queue's client is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import SystemRandom


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """The queue and the patience of its client; all times are in seconds.

    `url`: the queue's; it is first-in-first-out where that ends in `.fifo`. `endpoint_url` and the keys are for an
    engine on this machine; on AWS leave them None. `attempts`: how often a batch is sent before a queue counts as
    unavailable, after random pauses of at most `first_pause` · 2^n.
    """

    url: str
    region: str = "us-east-1"
    endpoint_url: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    connections: int = 4
    connect_timeout: float = 1.0
    read_timeout: float = 3.0
    attempts: int = 4
    first_pause: float = 0.05
    random: Callable[[], float] = field(default=SystemRandom().random, repr=False, compare=False)

    @property
    def fifo(self) -> bool:
        """Whether the queue is first-in-first-out."""
        return self.url.endswith(".fifo")
