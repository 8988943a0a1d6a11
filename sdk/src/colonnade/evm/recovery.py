"""secp256k1 signatures: who made one. It handles public values only, so that its timing gives nothing away.

SEC 1 (https://www.secg.org/sec1-v2.pdf), section 4.1.6; low `s` as EIP-2 asks.
"""

from __future__ import annotations

from dataclasses import dataclass

from colonnade.evm.address import Address, checksum
from colonnade.evm.keccak import keccak
from colonnade.evm.secp256k1 import FIELD, GENERATOR, ORDER, affine, point_sum, times


class InvalidSignature(ValueError):
    """No key can have made this signature."""


@dataclass(frozen=True, slots=True)
class EcdsaSignature:
    """A signature of a 32-byte digest. `y_parity`: 0 or 1, which of two keys made it."""

    r: int
    s: int
    y_parity: int

    def low(self) -> EcdsaSignature:
        """The same signature with the smaller `s`, which is the one that chains accept."""
        return self if self.s <= ORDER // 2 else EcdsaSignature(self.r, ORDER - self.s, self.y_parity ^ 1)


def recover(digest: bytes, signature: EcdsaSignature) -> Address:
    """The account whose key signed `digest`. Raises `InvalidSignature`."""
    r, s = signature.r, signature.s
    if not (0 < r < ORDER and 0 < s < ORDER and signature.y_parity in (0, 1)):
        raise InvalidSignature("r, s or the parity is out of range")
    square = (pow(r, 3, FIELD) + 7) % FIELD
    y = pow(square, (FIELD + 1) // 4, FIELD)
    if y * y % FIELD != square:
        raise InvalidSignature("r is not on the curve")
    if y % 2 != signature.y_parity:
        y = FIELD - y
    inverse = pow(r, -1, ORDER)
    z = int.from_bytes(digest, "big")
    key = point_sum(times(-z * inverse % ORDER, GENERATOR), times(s * inverse % ORDER, (r, y)))
    if not key[2]:
        raise InvalidSignature("it stands for no key")
    return address_of(*affine(key))


def address_of(x: int, y: int) -> Address:
    """The account of a public key. Raises `InvalidSignature` for a point that is not on the curve."""
    if not (0 <= x < FIELD and 0 <= y < FIELD) or (y * y - x**3 - 7) % FIELD:
        raise InvalidSignature("the public key is not on the curve")
    return checksum(keccak(x.to_bytes(32, "big") + y.to_bytes(32, "big"))[12:])
