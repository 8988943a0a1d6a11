"""Foreign values of the Ethereum JSON-RPC API, checked by hand: this path imports no validation library."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from colonnade.chains import BlockRef, ChainId, Finality

_QUANTITY: Final = re.compile(r"0x[0-9a-fA-F]{1,64}")

_LAST_BLOCK: Final = 2**63
_LAST_SECOND: Final = 253_402_300_799  # 9999-12-31
_LARGEST_FEE: Final = 2**128


class MalformedValue(ValueError):
    """A value is not what the API says it is; the text names the value, and does not repeat it."""


def quantity(value: object, what: str, below: int = 2**256) -> int:
    """A number as the API spells it (0x-hexadecimal)."""
    if not isinstance(value, str) or not _QUANTITY.fullmatch(value):
        raise MalformedValue(f"{what} is not a quantity")
    number = int(value, 16)
    if number >= below:
        raise MalformedValue(f"{what} is out of range")
    return number


def binary(value: object, what: str) -> bytes:
    """Bytes as the API spells them (0x-hexadecimal)."""
    if isinstance(value, str) and value.startswith("0x"):
        try:
            data = bytes.fromhex(value[2:])
        except ValueError:
            data = b""
        # `fromhex` skips white space, so the length tells.
        if 2 * len(data) == len(value) - 2:
            return data
    raise MalformedValue(f"{what} is not 0x-hexadecimal")


def block_hash(value: object, what: str) -> bytes:
    """A 32-byte hash."""
    digest = binary(value, what)
    if len(digest) != 32:
        raise MalformedValue(f"{what} is not 32 bytes")
    return digest


def header(value: object, chain_id: ChainId, finality: Finality) -> BlockRef:
    """The block that a node describes, which the caller has made sure it knows."""
    if not isinstance(value, Mapping):
        raise MalformedValue("the block header is not an object")
    if value.get("hash") is None:
        raise MalformedValue("the block header has no hash: it is pending; read with a finality of CONFIRMED")
    # Chains from before EIP-1559, and some pending headers, say nothing of a base fee.
    fee = value.get("baseFeePerGas")
    return BlockRef(
        chain_id=chain_id,
        number=quantity(value.get("number"), "the block number", _LAST_BLOCK),
        hash=block_hash(value.get("hash"), "the block hash"),
        parent_hash=block_hash(value.get("parentHash"), "the parent hash"),
        timestamp=datetime.fromtimestamp(
            quantity(value.get("timestamp"), "the block timestamp", _LAST_SECOND), tz=UTC
        ),
        finality=finality,
        base_fee=0 if fee is None else quantity(fee, "the base fee", _LARGEST_FEE),
    )
