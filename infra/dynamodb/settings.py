"""Where the table is, and how long to wait for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import SystemRandom


@dataclass(frozen=True, slots=True)
class DynamoDBSettings:
    """The table and the patience of its clients; all times are in seconds.

    `endpoint_url` and the keys are for an engine on this machine; on AWS leave them None. `connections`: calls at
    once, each in a thread of its own. `connect_timeout` and `read_timeout` bound one request, `deadline` and
    `attempts` everything that one call of the port may take: keep the deadline below a field's time budget.
    Before attempt n+1 the pause is random, at most `first_pause` · 2^n and never more than `longest_pause`.
    """

    table: str
    region: str = "us-east-1"
    endpoint_url: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    connections: int = 16
    connect_timeout: float = 1.0
    read_timeout: float = 2.0
    deadline: float = 4.0
    attempts: int = 8
    first_pause: float = 0.025
    longest_pause: float = 0.4
    # The system's randomness: sandboxes restored from one snapshot must not pause in step.
    random: Callable[[], float] = field(default=SystemRandom().random, repr=False, compare=False)

    @classmethod
    def local(cls, endpoint_url: str, table: str, access_key: str = "local") -> DynamoDBSettings:
        """For an engine on this machine, which takes any keys; some keep a database for each access key."""
        return cls(table, endpoint_url=endpoint_url, access_key=access_key, secret_key="local")  # noqa: S106
