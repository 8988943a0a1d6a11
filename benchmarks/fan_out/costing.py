"""What an event costs on AWS that a million follow, or ten, from what was measured and list prices.

Prices: `benchmarks.prices`. Arithmetic on one machine's figures, not a bill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.fan_out.delivering import Delivered
from benchmarks.prices import LAMBDA_CALLS, LAMBDA_SECOND, MILLION, POSTS, QUEUE, READS, WRITES
from colonnade.subscriptions import parts
from colonnade.subscriptions.delivery import PLACES

MEMORY: Final = 1.0
"""GB of the function that delivers; Lambda gives one processor for 1,769 MB."""

_PROCESSORS: Final = MEMORY * 1_024 / 1_769
_POST_SECONDS: Final = 0.020
"""Seconds for one post, of which 32 are under way; the waiting runs beside the computing."""

_AT_ONCE: Final = 32
_LIFE: Final = 60.0
"""Seconds that one call of the function lives; a walk that is longer goes on in the next."""

_SUBSCRIBER: Final = 400
"""Bytes of a subscriber's row; a unit reads 4,096 of them consistently."""


@dataclass(frozen=True, slots=True)
class Cost:
    """One event. `dollars`: by service; `seconds`: until the last has been sent to; `cpu`: seconds of all workers."""

    subscribers: int
    workers: int
    cpu: float
    seconds: float
    dollars: Mapping[str, float]

    @property
    def total(self) -> float:
        """In dollars."""
        return sum(self.dollars.values())


def cost(measured: Delivered, subscribers: int) -> Cost:
    """What an event costs `subscribers`, by what was measured for fewer of the same kind."""
    workers = parts.wanted(subscribers)
    cpu = measured.cpu / measured.subscribers * subscribers
    posts = subscribers * measured.posts / measured.subscribers
    seconds = max(cpu / _PROCESSORS, posts * _POST_SECONDS / _AT_ONCE)
    pages = subscribers / PLACES + workers
    groups = subscribers if measured.executions > 1 else workers
    read_units = subscribers * _SUBSCRIBER / 4_096 + groups + workers
    calls = workers + seconds / _LIFE
    dollars = {
        "posts": posts * POSTS.dollars / MILLION,
        "Lambda": seconds * MEMORY * LAMBDA_SECOND.dollars + calls * LAMBDA_CALLS.dollars / MILLION,
        "DynamoDB": (read_units * READS.dollars + pages * WRITES.dollars) / MILLION,
        "SQS": calls * 3 * QUEUE.dollars / MILLION,
    }
    return Cost(subscribers, workers, cpu, seconds / workers, dollars)
