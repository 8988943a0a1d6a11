"""A passkey, as a browser and an authenticator make assertions of one (WebAuthn)."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import Final, Self

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from colonnade.evm import encode

ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_PRESENT: Final = 0x01
_VERIFIED: Final = 0x04
_BACKUP: Final = 0x08 | 0x10
_ASSERTION: Final = "(bytes,string,uint256,uint256,bytes32,bytes32)"


@dataclass(frozen=True)
class Passkey:
    """A key on P-256 that only signs assertions for one relying party, `origin`."""

    key: ec.EllipticCurvePrivateKey
    origin: str = "https://app.colonnade.invalid"

    @classmethod
    def create(cls) -> Self:
        """A new passkey."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @property
    def point(self) -> tuple[bytes, bytes]:
        """The public key: x and y, 32 bytes each."""
        numbers = self.key.public_key().public_numbers()
        return numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")

    def assertion(self, challenge: bytes, *, verified: bool = True) -> bytes:
        """An assertion over `challenge`, encoded as Solady's `WebAuthnAuth`.

        `verified`: whether the authenticator has verified its user. `s` is low, as verifiers on chains want it.
        """
        client_data = json.dumps(
            {
                "type": "webauthn.get",
                "challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
                "origin": self.origin,
                "crossOrigin": False,
            },
            separators=(",", ":"),
        )
        party = hashlib.sha256(self.origin.removeprefix("https://").encode()).digest()
        flags = _PRESENT | _BACKUP | (_VERIFIED if verified else 0)
        authenticator_data = party + bytes([flags]) + bytes(4)  # a synced passkey does not count its uses
        signed = authenticator_data + hashlib.sha256(client_data.encode()).digest()
        r, s = decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
        s = min(s, ORDER - s)
        places = (client_data.index('"challenge"'), client_data.index('"type"'))
        words = (r.to_bytes(32, "big"), s.to_bytes(32, "big"))
        return encode((_ASSERTION,), ((authenticator_data, client_data, *places, *words),))
