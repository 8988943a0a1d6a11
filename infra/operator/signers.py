"""Who signs for the operator."""

from __future__ import annotations

from typing import Protocol

from colonnade.evm import Address
from colonnade.evm.recovery import EcdsaSignature


class Signer(Protocol):
    """A secp256k1 key that is not to be seen. Both methods raise `ServiceUnavailable` or `ConfigurationError`."""

    async def address(self) -> Address:
        """The account of the key."""
        ...

    async def sign(self, digest: bytes) -> EcdsaSignature:
        """The signature of a 32-byte digest, with a low `s`."""
        ...
