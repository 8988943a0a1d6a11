"""What one soak does: how much, how often it is disturbed, and by which seed."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

FULL = os.environ.get("SOAK") == "full"
"""SOAK=full runs everything at its full size: `make soak`."""

PUMP, DELIVERER, GATEWAY, WRITER = "pump", "deliverer", "gateway", "writer"
ROLES = (PUMP, DELIVERER, GATEWAY, WRITER)
LONGEST_DEATH = 1.0


@dataclass(frozen=True)
class Size:
    """How much of everything.

    `window`: events that may be under way before the writers wait. `hidden`: seconds until the queues bring again what
    a killed process had in hand; what is slower than that is done twice, and after five times given up.
    """

    events: int
    books: int
    window: int
    hidden: int
    kills: dict[str, int]


SMALL = Size(150, 3, 60, 5, {PUMP: 2, DELIVERER: 2, GATEWAY: 2, WRITER: 1})
LARGE_EVENTS = int(os.environ.get("SOAK_EVENTS") or 10_000)
"""SOAK_EVENTS=100000: a full run of another size, whose writers wait for less."""

LARGE = Size(
    LARGE_EVENTS, 5, max(600, LARGE_EVENTS // 40), 10, {PUMP: 25, DELIVERER: 25, GATEWAY: 20, WRITER: 10}
)


@dataclass(frozen=True, order=True)
class Kill:
    """`at`: after which share of the whole has reached its subscribers; `seconds`: until the next start."""

    at: float
    role: str
    seconds: float


@dataclass(frozen=True)
class Faults:
    """Shares of what goes wrong: of messages to clients, of batches of the stream, and of what clients receive.

    `spell`: of messages that begin a spell, in which one client cannot be sent to several times in a row.
    """

    gone: float = 0.004
    throttled: float = 0.02
    failed: float = 0.02
    spell: float = 0.006
    repeated: float = 0.2
    hang_up: float = 0.004


@dataclass(frozen=True)
class Plan:
    """One soak, as each of its processes is told. `queues`: `file`, or the URL of an SQS endpoint."""

    seed: int
    size: Size
    database: str
    table: str
    state: Path
    port: int
    queues: str = "file"
    management: str = ""
    faults: Faults = field(default=Faults())

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"ws://127.0.0.1:{self.port}/graphql"

    @property
    def books(self) -> list[str]:
        return [f"book-{number}" for number in range(self.size.books)]

    def random(self, *names: object) -> Random:
        """The randomness of one thing, the same in every soak of this seed."""
        return Random(":".join(map(str, (self.seed, *names))))

    def written_by(self, writer: int, writers: int) -> list[tuple[str, str]]:
        """What a writer adds, in order: books and texts."""
        random = self.random("writer", writer)
        count = len(range(writer, self.size.events, writers))
        return [(random.choice(self.books), f"{writer}-{number:06d}") for number in range(count)]

    def kill_list(self) -> list[Kill]:
        """Whom to kill and when, in order. Writers are through before their events have reached everybody."""
        random = self.random("kills")
        latest = dict.fromkeys(ROLES, 0.95) | {WRITER: 0.95 - self.size.window / self.size.events}
        return sorted(
            Kill(random.uniform(0.0, latest[role]), role, random.uniform(0.0, LONGEST_DEATH))
            for role in ROLES
            for _ in range(self.size.kills[role])
        )


def seed_of_this_run() -> int:
    """SOAK_SEED, or a new one."""
    return int(os.environ.get("SOAK_SEED") or Random().randrange(10**9))
