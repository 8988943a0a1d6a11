"""Who is to be credited for a transaction (ERC-8021): codes that apps and wallets write after its calldata.

| schema | what stands before `schema id ∥ marker`                            |
|--------|--------------------------------------------------------------------|
| 0      | codes ∥ their length (1 byte)                                      |
| 1      | registry (20) ∥ its chain ∥ that length (1) ∥ codes ∥ length (1)   |
| 2      | a map in CBOR ∥ its length (2 bytes)                               |

Contracts ignore it: it follows what they decode.
"""

from __future__ import annotations

from typing import Final

MARKER: Final = bytes.fromhex("8021" * 8)

_REGISTRY: Final = 20
_LONGEST_CHAIN: Final = 32
_SCHEMA_AND_MARKER: Final = 1 + len(MARKER)
_CBOR_MAP: Final = 5
"""CBOR's major type of maps (RFC 8949, section 3.1), in the three highest bits of the first byte."""


def is_attribution(suffix: bytes) -> bool:
    """Whether `suffix` is one whole suffix of ERC-8021, with nothing before it that its lengths do not account for."""
    if not suffix.endswith(MARKER) or len(suffix) <= _SCHEMA_AND_MARKER:
        return False
    before, schema = suffix[:-_SCHEMA_AND_MARKER], suffix[-_SCHEMA_AND_MARKER]
    match schema:
        case 0:
            return _without_codes(before) == b""
        case 1:
            registry = _without_codes(before)
            return registry is not None and _is_registry(registry)
        case 2:
            length = int.from_bytes(before[-2:], "big")
            return len(before) == length + 2 and length > 0 and before[0] >> 5 == _CBOR_MAP
        case _:
            return False


def _without_codes(data: bytes) -> bytes | None:
    """What stands before the codes at the end of `data`, or None where they are none: ASCII with commas between."""
    length = data[-1]
    codes = data[-1 - length : -1]
    if len(codes) != length or not codes.isascii() or not codes.decode().isprintable():
        return None
    return data[: -1 - length]


def _is_registry(data: bytes) -> bool:
    return bool(data) and 0 < data[-1] <= _LONGEST_CHAIN and len(data) == _REGISTRY + data[-1] + 1
