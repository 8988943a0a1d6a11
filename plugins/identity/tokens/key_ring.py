"""The keys of access tokens (Ed25519, RFC 8032). `cryptography` is imported at the first use of a key."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from plugins.identity.tokens.base64url import encode
from plugins.identity.tokens.key_entries import KeyEntry

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class KeyRing:
    """One key that signs, and all that verify by their `kid`."""

    signing_kid: str
    _signing: Ed25519PrivateKey = field(repr=False)
    _verifying: Mapping[str, Ed25519PublicKey] = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of a signature by the key that signs."""
        return self._signing.sign(message)

    def verifies(self, kid: str, signature: bytes, message: bytes) -> bool:
        """Whether `signature` is that of `message` by the key called `kid`, which has to be known."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - kept off the plain path

        key = self._verifying.get(kid)
        if key is None:
            return False
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def jwks(self) -> bytes:
        """The public keys as a JSON Web Key Set (RFC 7517, RFC 8037)."""
        keys = [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": encode(key.public_bytes_raw()),
                "kid": kid,
                "alg": "EdDSA",
                "use": "sig",
            }
            for kid, key in self._verifying.items()
        ]
        return json.dumps({"keys": keys}).encode()


@lru_cache(maxsize=8)
def key_ring(entries: tuple[KeyEntry, ...]) -> KeyRing:
    """The keys of these entries, of which the first signs."""
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415 - kept off the plain path

    private = {e.kid: ed25519.Ed25519PrivateKey.from_private_bytes(e.raw) for e in entries if e.is_private}
    verifying = {
        e.kid: private[e.kid].public_key()
        if e.is_private
        else ed25519.Ed25519PublicKey.from_public_bytes(e.raw)
        for e in entries
    }
    return KeyRing(entries[0].kid, private[entries[0].kid], verifying)
