"""The last blocks of an indexed history, kept so that a chain that got shorter is told from a node that is behind.

Of each block the first eight bytes of its hash are kept, all in one attribute: 512 bytes for 64 blocks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from colonnade.chains import BlockRef

BLOCKS: Final = 64
"""Blocks that are remembered without a gap; of those below, some are (`Landmarks`)."""

_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Ancestry:
    """Blocks that follow one another. `last`: the number of the last; `marks`: eight bytes of each."""

    last: int
    marks: bytes

    @classmethod
    def of(cls, number: int, block_hash: bytes) -> Ancestry:
        """One block; none where `block_hash` is empty."""
        return cls(number, block_hash[:_BYTES])

    @property
    def first(self) -> int:
        """The number of the first; one more than `last` where there is none."""
        return self.last - len(self.marks) // _BYTES + 1

    @property
    def whole(self) -> bool:
        """Whether no more can be remembered below these blocks."""
        return self.last - self.first + 1 >= BLOCKS or self.first <= 0

    def agrees(self, block: BlockRef) -> bool | None:
        """Whether `block` is one of these; None where nothing is known of its height."""
        if not self.first <= block.number <= self.last:
            return None
        at = (block.number - self.first) * _BYTES
        return self.marks[at : at + _BYTES] == block.hash[:_BYTES]

    @property
    def places(self) -> Sequence[tuple[int, bytes]]:
        """The heights, each with what is remembered of its block's hash, the lowest first."""
        parts = [self.marks[at : at + _BYTES] for at in range(0, len(self.marks), _BYTES)]
        return list(zip(range(self.first, self.last + 1), parts, strict=True))

    def up_to(self, number: int, block_hash: bytes) -> Ancestry:
        """Those that end with this block; that alone, where it is not among them."""
        kept = self.marks[: max(0, number - self.first + 1) * _BYTES]
        is_among = self.first <= number <= self.last and kept.endswith(block_hash[:_BYTES])
        return Ancestry(number, kept) if is_among else Ancestry.of(number, block_hash)

    def followed(self, blocks: Sequence[BlockRef]) -> Ancestry:
        """With `blocks`, which follow one another; those alone, where they do not follow on these."""
        marks = b"".join(block.hash[:_BYTES] for block in blocks)
        below = blocks[0].number - 1
        if self.first <= below <= self.last:
            older = self.up_to(below, blocks[0].parent_hash)
            # Where another block is below, that alone is the older part: it is the new blocks' own parent.
            marks = older.marks + marks
        return Ancestry(blocks[-1].number, marks[-BLOCKS * _BYTES :])


def linked(blocks: Mapping[int, BlockRef | None], last: int) -> Sequence[BlockRef]:
    """The blocks up to `last` among `blocks` that follow one another without a gap; at least that one, if it is there."""
    found: list[BlockRef] = []
    number = last
    while (block := blocks.get(number)) is not None and (not found or found[-1].parent_hash == block.hash):
        found.append(block)
        number -= 1
    return found[::-1]
