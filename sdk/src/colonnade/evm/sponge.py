"""Keccak-256 of short texts in plain Python (FIPS 202 §3, with the padding that Keccak had before it)."""

from __future__ import annotations

from typing import Final

RATE: Final = 136
"""Bytes that one permutation takes in; a text of one block is shorter, for its padding."""

_BITS: Final = (1 << 64) - 1
_ROUND_CONSTANTS: Final = (
    0x0000000000000001, 0x0000000000008082, 0x800000000000808A, 0x8000000080008000, 0x000000000000808B,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008A, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000A, 0x000000008000808B, 0x800000000000008B, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800A, 0x800000008000000A,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
)  # fmt: skip


def _steps() -> tuple[tuple[int, int, int], ...]:
    """Rho and pi: which lane goes where, turned by how many bits."""
    steps = [(0, 0, 0)]
    x, y = 1, 0
    for turn in range(24):
        by = (turn + 1) * (turn + 2) // 2 % 64
        to_x, to_y = y, (2 * x + 3 * y) % 5
        steps.append((x + 5 * y, to_x + 5 * to_y, by))
        x, y = to_x, to_y
    return tuple(steps)


_STEPS: Final = _steps()


def keccak_of_one_block(data: bytes) -> bytes:
    """The 32-byte digest of less than `RATE` bytes. Raises ValueError for more."""
    if len(data) >= RATE:
        raise ValueError(f"one block holds less than {RATE} bytes, these are {len(data)}")
    block = bytearray(data.ljust(RATE, b"\0"))
    block[len(data)] ^= 0x01
    block[-1] ^= 0x80
    lanes = [int.from_bytes(block[at : at + 8], "little") for at in range(0, RATE, 8)] + [0] * 8
    for constant in _ROUND_CONSTANTS:
        lanes = _round(lanes, constant)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _round(lanes: list[int], constant: int) -> list[int]:
    columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
    mixed = [columns[x - 1] ^ _turned(columns[(x + 1) % 5], 1) for x in range(5)]
    moved = [0] * 25
    for here, there, by in _STEPS:
        moved[there] = _turned(lanes[here] ^ mixed[here % 5], by)
    out = [0] * 25
    for row in range(0, 25, 5):
        for x in range(5):
            out[row + x] = moved[row + x] ^ (~moved[row + (x + 1) % 5] & moved[row + (x + 2) % 5] & _BITS)
    out[0] ^= constant
    return out


def _turned(lane: int, by: int) -> int:
    return (lane << by | lane >> (64 - by)) & _BITS
