"""The accounts that every development node begins with: of the mnemonic "test test … junk" (BIP-39, BIP-32, BIP-44)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from colonnade.development.faults import WalletFault
from colonnade.development.signing import sign_digest
from colonnade.evm.address import Address
from colonnade.evm.recovery import EcdsaSignature, address_of
from colonnade.evm.secp256k1 import GENERATOR, ORDER, affine, times

DEVELOPMENT_ACCOUNTS: Final = 10
"""How many of them a node funds."""

_MNEMONIC: Final = " ".join(["test"] * 11 + ["junk"])
_HARDENED: Final = 2**31
_PATH: Final = (44 + _HARDENED, 60 + _HARDENED, _HARDENED, 0)


@dataclass(frozen=True, slots=True)
class DevelopmentAccount:
    """An account whose key everybody knows. `index`: its place in the mnemonic's path m/44'/60'/0'/0."""

    index: int
    address: Address
    key: int = field(repr=False)

    def sign(self, digest: bytes) -> EcdsaSignature:
        """Its signature of 32 bytes."""
        return sign_digest(digest, self.key)

    def signature(self, digest: bytes) -> bytes:
        """The same as wallets give it: 65 bytes `r`, `s`, and `v`, which is 27 or 28."""
        made = self.sign(digest)
        return made.r.to_bytes(32, "big") + made.s.to_bytes(32, "big") + bytes([27 + made.y_parity])


@cache
def development_account(index: int) -> DevelopmentAccount:
    """The account at `index`. Raises `WalletFault` for one that no development node funds."""
    if not 0 <= index < DEVELOPMENT_ACCOUNTS:
        raise WalletFault(
            f"development accounts are numbered 0 to {DEVELOPMENT_ACCOUNTS - 1}; {index} is none"
        )
    key, _ = _child(*_parent(), index)
    return DevelopmentAccount(index, address_of(*affine(times(key, GENERATOR))), key)


def account_at(address: Address) -> DevelopmentAccount:
    """The development account with this address. Raises `WalletFault` where there is none."""
    for index in range(DEVELOPMENT_ACCOUNTS):
        if (account := development_account(index)).address == address:
            return account
    raise WalletFault(
        f"{address} is no development account, and this wallet signs for no other. Use the wallet that holds its key"
    )


@cache
def _parent() -> tuple[int, bytes]:
    seed = hashlib.pbkdf2_hmac("sha512", _MNEMONIC.encode(), b"mnemonic", 2048)
    made = hmac.digest(b"Bitcoin seed", seed, "sha512")
    key, chain_code = int.from_bytes(made[:32], "big"), made[32:]
    for step in _PATH:
        key, chain_code = _child(key, chain_code, step)
    return key, chain_code


def _child(key: int, chain_code: bytes, step: int) -> tuple[int, bytes]:
    """CKDpriv of BIP-32."""
    if step >= _HARDENED:
        parent = b"\0" + key.to_bytes(32, "big")
    else:
        x, y = affine(times(key, GENERATOR))
        parent = bytes([2 + y % 2]) + x.to_bytes(32, "big")
    made = hmac.digest(chain_code, parent + step.to_bytes(4, "big"), "sha512")
    return (int.from_bytes(made[:32], "big") + key) % ORDER, made[32:]
