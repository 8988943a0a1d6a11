"""Keccak-256, the hash of the EVM."""

from __future__ import annotations


def keccak(data: bytes) -> bytes:
    """The 32-byte Keccak-256 digest of `data` (the padding before SHA-3 was standardised)."""
    # Imported at the first hash: loading the native library costs more than all of this package.
    from Crypto.Hash.keccak import new  # noqa: PLC0415

    return new(digest_bits=256, data=data).digest()
