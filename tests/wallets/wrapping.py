"""Signatures of accounts that do not stand yet (ERC-6492)."""

from __future__ import annotations

from typing import Final

from colonnade.evm import Address, encode

MAGIC: Final = bytes.fromhex("6492" * 16)


def wrapped(factory: Address, deployment: bytes, signature: bytes) -> bytes:
    """`signature`, with the call of `factory` that deploys the account."""
    return encode(("address", "bytes", "bytes"), (factory, deployment, signature)) + MAGIC
