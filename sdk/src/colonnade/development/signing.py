"""ECDSA over secp256k1 with the nonce of RFC 6979. Its timing shows the key, so it is for keys that everybody knows."""

from __future__ import annotations

import hmac

from colonnade.evm.recovery import EcdsaSignature
from colonnade.evm.secp256k1 import GENERATOR, ORDER, affine, times


def sign_digest(digest: bytes, key: int) -> EcdsaSignature:
    """The signature of 32 bytes by a development key, with low `s`; always the same. Raises ValueError for a digest
    of another length.
    """
    if len(digest) != 32:
        raise ValueError(f"a digest has 32 bytes, not {len(digest)}")
    nonce = _nonce(digest, key)
    x, y = affine(times(nonce, GENERATOR))
    r = x % ORDER
    s = pow(nonce, -1, ORDER) * (int.from_bytes(digest, "big") + r * key) % ORDER
    return EcdsaSignature(r, s, y % 2).low()


def _nonce(digest: bytes, key: int) -> int:
    """RFC 6979, section 3.2, with SHA-256. That a first candidate is out of range happens once in 2**127."""
    seed = key.to_bytes(32, "big") + (int.from_bytes(digest, "big") % ORDER).to_bytes(32, "big")
    k, v = b"\0" * 32, b"\1" * 32
    for between in (b"\0", b"\1"):
        k = hmac.digest(k, v + between + seed, "sha256")
        v = hmac.digest(k, v, "sha256")
    while True:
        v = hmac.digest(k, v, "sha256")
        if 0 < (candidate := int.from_bytes(v, "big")) < ORDER:
            return candidate
        k = hmac.digest(k, v + b"\0", "sha256")
        v = hmac.digest(k, v, "sha256")
