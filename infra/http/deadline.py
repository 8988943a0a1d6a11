"""The moment by which a whole request is to be done with."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Self

from colonnade.errors import OutboundUnreachable


@dataclass(frozen=True, slots=True)
class Deadline:
    """`at`: on the monotonic clock."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Self:
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds left, more than none. Raises `OutboundUnreachable` where there are none."""
        if (left := self.at - time.monotonic()) <= 0:
            raise OutboundUnreachable("no whole answer came in time", cause="timeout")
        return left
