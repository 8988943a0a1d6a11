"""Health checks: what a plugin asks of what it stands on, for `GET /health/deep`.

    HealthCheck("trading.index", index_is_fresh)

The world is told each check's name and status. Notes are for operators: they are in the log.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from colonnade.context import Context

_NAME: Final = re.compile(r"[a-z][a-z0-9]*([.-][a-z0-9]+)*")
_MOST: Final = 5.0


class Status(Enum):
    """How something is. `DEGRADED`: it answers, but is late or lacks a part; `DOWN`: what needs it fails."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Health:
    """What a check found. `note`: for operators, in one sentence, without secrets and without addresses."""

    status: Status
    note: str = ""


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """A check. `name`: unique, as in `trading.index`; everybody may read it.

    `check` reads and changes nothing. It is asked at most every five seconds in a process, for nobody in particular. Where
    it raises, or gives no answer for `seconds`, it counts as down. Raises ValueError for a name that is not plain, and for
    more than 5 seconds.
    """

    name: str
    check: Callable[[Context], Awaitable[Health]]
    seconds: float = 2.0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a health check's name is plain, as in trading.index, not {self.name!r}")
        if not 0 < self.seconds <= _MOST:
            raise ValueError(f"health check {self.name}: takes up to {_MOST:g} seconds, not {self.seconds:g}")
