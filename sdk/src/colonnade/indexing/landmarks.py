"""Blocks that were passed, the fewer the longer ago, so that another chain is told from one that is only shorter.

Of each the first eight bytes of its hash are kept. Some twenty reach back over ten million blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

APART: Final = 64
"""Blocks between two landmarks, at least."""

_NUMBER: Final = 5
_MARK: Final = 8
_BYTES: Final = _NUMBER + _MARK


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Heights with the beginnings of their blocks' hashes, the lowest first."""

    places: tuple[tuple[int, bytes], ...] = ()

    @classmethod
    def of(cls, packed: bytes) -> Landmarks:
        """Those that `packed` holds."""
        parts = [packed[at : at + _BYTES] for at in range(0, len(packed), _BYTES)]
        return cls(tuple((int.from_bytes(part[:_NUMBER], "big"), part[_NUMBER:]) for part in parts))

    @property
    def packed(self) -> bytes:
        """Thirteen bytes for each."""
        return b"".join(number.to_bytes(_NUMBER, "big") + mark for number, mark in self.places)

    def passed(self, number: int, block_hash: bytes) -> Landmarks:
        """With one block more above them, unless the last is near; without those between two that are no further apart
        than twice what the upper one is below the new one. The lowest stays."""
        if self.places and number - self.places[-1][0] < APART:
            return self
        kept = list(self.places[:1])
        for place, (above, _) in pairwise(self.places[1:]):
            if above - kept[-1][0] > 2 * (number - above):
                kept.append(place)
        return Landmarks((*kept, *self.places[1:][-1:], (number, block_hash[:_MARK])))

    def up_to(self, number: int) -> Landmarks:
        """Those at most at this height."""
        return Landmarks(tuple(place for place in self.places if place[0] <= number))
