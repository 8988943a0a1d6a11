"""Identifiers that are the same in every run."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from colonnade.ids import RANDOM_BITS, ulid

if TYPE_CHECKING:
    from colonnade.context import Clock


class SequentialIds:
    """A `colonnade.context.Ids`: ULIDs of the clock's time, then 1, 2, 3 … in the order they are asked for."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)

    def new(self, prefix: str) -> str:
        """`prefix` + `_` + a ULID."""
        milliseconds = int(self._clock.now().timestamp() * 1_000)
        return f"{prefix}_{ulid(milliseconds << RANDOM_BITS | next(self._numbers))}"
