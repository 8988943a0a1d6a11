"""How many blocks are asked for at once: fewer where a provider refuses or takes long, more again where it does not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

FIRST: Final = 500
"""Blocks that are asked for at first."""

WIDEST: Final = 10_000
"""Blocks that are never exceeded."""

PATIENCE: Final = 3.0
"""Seconds that a reading may take; one that takes longer is as good as refused, since the chain's head waits for it."""


HELD: Final = 100
"""Full answers after which more is tried again than was refused: that depends on how much there is in the blocks."""


@dataclass(frozen=True, slots=True)
class Reach:
    """`blocks`: to ask for; `refused`: so many were refused, `taken`: so many were answered for, 0 if none were; `held`:
    full answers since it is as wide as it can be. Kept with the checkpoint, so that who takes over need not find it out
    anew.
    """

    blocks: int = FIRST
    refused: int = 0
    taken: int = 0
    held: int = 0

    def narrower(self, asked: int) -> Reach:
        """After `asked` blocks were refused: what was taken before, or half of them."""
        if self.taken < asked:
            return Reach(self.taken or max(1, asked // 2), asked, self.taken)
        return Reach(max(1, asked // 2), asked)

    def wider(self, answered: int) -> Reach:
        """After so many blocks were answered for: twice as many, or half-way to what was refused as that comes near."""
        if answered < self.blocks:
            return self
        doubled = min(WIDEST, 2 * self.blocks)
        if not self.refused or doubled < self.refused:
            return Reach(doubled, self.refused, self.blocks)
        between = (self.blocks + self.refused) // 2
        if between - self.blocks > self.blocks // 16:
            return Reach(between, self.refused, self.blocks)
        if self.held < HELD:
            return replace(self, taken=self.blocks, held=self.held + 1)
        return Reach(doubled, 0, self.blocks)
