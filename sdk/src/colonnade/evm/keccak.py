"""Keccak-256, the hash of the EVM."""

from __future__ import annotations

import sys
from itertools import count
from typing import Final

from colonnade.evm.sponge import RATE, keccak_of_one_block

_NATIVE: Final = "Crypto.Hash.keccak"
_FEW: Final = 40
_hashed = count()


def keccak(data: bytes) -> bytes:
    """The 32-byte Keccak-256 digest of `data` (the padding before SHA-3 was standardised).

    Loading the native library takes as long as forty hashes in Python, and while a process starts there are a dozen,
    of signatures: the first few short ones do without it.
    """
    if _NATIVE not in sys.modules and len(data) < RATE and next(_hashed) < _FEW:
        return keccak_of_one_block(data)
    from Crypto.Hash.keccak import new  # noqa: PLC0415 - see above

    return new(digest_bits=256, data=data).digest()
