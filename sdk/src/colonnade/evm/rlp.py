"""RLP, in which transactions are written down (Ethereum's yellow paper, appendix B)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Encodable: TypeAlias = "bytes | int | Sequence[Encodable]"
"""Bytes, a number that is not negative (big-endian, without leading zeros), or a list of these."""


def rlp_encode(value: Encodable) -> bytes:
    """`value` in RLP. Raises ValueError for a negative number."""
    if isinstance(value, int):
        return rlp_encode(_minimal(value))
    if isinstance(value, bytes):
        if len(value) == 1 and value[0] < 0x80:
            return value
        return _prefix(len(value), 0x80) + value
    payload = b"".join(map(rlp_encode, value))
    return _prefix(len(payload), 0xC0) + payload


def _minimal(number: int) -> bytes:
    if number < 0:
        raise ValueError(f"RLP holds no negative number such as {number}")
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def _prefix(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes([offset + length])
    spelled = _minimal(length)
    return bytes([offset + 55 + len(spelled)]) + spelled
