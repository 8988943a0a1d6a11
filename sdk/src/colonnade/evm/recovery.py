"""secp256k1 signatures: who made one. It handles public values only, so that its timing gives nothing away.

SEC 1 (https://www.secg.org/sec1-v2.pdf), section 4.1.6; low `s` as EIP-2 asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from colonnade.evm.address import Address, checksum
from colonnade.evm.keccak import keccak

FIELD: Final = 2**256 - 2**32 - 977
ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_GENERATOR: Final = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)

_Point: TypeAlias = "tuple[int, int, int]"
"""Jacobian coordinates; z = 0 is the point at infinity."""


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
    key = _sum(_times(-z * inverse % ORDER, _GENERATOR), _times(s * inverse % ORDER, (r, y)))
    if not key[2]:
        raise InvalidSignature("it stands for no key")
    return address_of(*_affine(key))


def address_of(x: int, y: int) -> Address:
    """The account of a public key. Raises `InvalidSignature` for a point that is not on the curve."""
    if not (0 <= x < FIELD and 0 <= y < FIELD) or (y * y - x**3 - 7) % FIELD:
        raise InvalidSignature("the public key is not on the curve")
    return checksum(keccak(x.to_bytes(32, "big") + y.to_bytes(32, "big"))[12:])


def _affine(point: _Point) -> tuple[int, int]:
    x, y, z = point
    inverse = pow(z, -1, FIELD)
    return x * inverse**2 % FIELD, y * inverse**3 % FIELD


def _times(factor: int, point: tuple[int, int]) -> _Point:
    result: _Point = (0, 1, 0)
    for bit in bin(factor)[2:]:
        result = _double(result)
        if bit == "1":
            result = _sum(result, (*point, 1))
    return result


def _double(point: _Point) -> _Point:
    x, y, z = point
    if not z:
        return point
    s = 4 * x * y * y % FIELD
    m = 3 * x * x % FIELD
    new_x = (m * m - 2 * s) % FIELD
    return new_x, (m * (s - new_x) - 8 * y**4) % FIELD, 2 * y * z % FIELD


def _sum(one: _Point, other: _Point) -> _Point:
    if not one[2]:
        return other
    if not other[2]:
        return one
    (x1, y1, z1), (x2, y2, z2) = one, other
    u1, u2 = x1 * z2**2 % FIELD, x2 * z1**2 % FIELD
    s1, s2 = y1 * z2**3 % FIELD, y2 * z1**3 % FIELD
    if u1 == u2:
        return _double(one) if s1 == s2 else (0, 1, 0)
    h, r = u2 - u1, s2 - s1
    x = (r * r - h**3 - 2 * u1 * h * h) % FIELD
    return x, (r * (u1 * h * h - x) - s1 * h**3) % FIELD, h * z1 * z2 % FIELD
