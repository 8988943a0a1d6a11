"""A key in a file, for a laptop: in production the key stays in KMS."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.errors import ConfigurationError
from colonnade.evm import Address
from colonnade.evm.recovery import EcdsaSignature

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

_KEY: Final = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")


class FileSigner:
    """Signs with the key that a file spells in 64 hexadecimal digits; nobody but its owner may read the file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def address(self) -> Address:
        """See `Signer.address`."""
        return cast(Address, self._account.address)

    async def sign(self, digest: bytes) -> EcdsaSignature:
        """See `Signer.sign`."""
        signed = self._account.unsafe_sign_hash(cast(Any, digest))
        return EcdsaSignature(signed.r, signed.s, signed.v - 27).low()

    @cached_property
    def _account(self) -> LocalAccount:
        try:
            from eth_account import Account  # noqa: PLC0415 - heavy, and no deployment has it
        except ImportError:
            raise ConfigurationError(
                "COLONNADE_OPERATOR_KEY_FILE is for a development machine; here set COLONNADE_OPERATOR_KMS_KEY"
            ) from None
        try:
            shared = self._path.stat().st_mode & 0o077
            spelled = _KEY.fullmatch(self._path.read_text().strip())
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(
                f"COLONNADE_OPERATOR_KEY_FILE: {self._path} cannot be read ({type(error).__name__})"
            ) from None
        if shared:
            raise ConfigurationError(f"{self._path} can be read by others: chmod 600 it")
        if spelled is None:
            raise ConfigurationError(f"{self._path} does not hold 64 hexadecimal digits")
        account: LocalAccount | None
        try:
            account = Account.from_key(bytes.fromhex(spelled[1]))
        except ValueError:
            account = None
        if account is None:  # Out here, so that no traceback holds the key.
            raise ConfigurationError(f"{self._path} does not hold a secp256k1 key")
        return account
