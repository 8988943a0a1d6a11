"""The curve secp256k1 (SEC 2, section 2.4.1): adding its points. Its timing shows its numbers: give it no secret."""

from __future__ import annotations

from typing import Final, TypeAlias

FIELD: Final = 2**256 - 2**32 - 977
ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
GENERATOR: Final = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)

Jacobian: TypeAlias = "tuple[int, int, int]"
"""Coordinates x/z², y/z³; z = 0 is the point at infinity."""


def affine(point: Jacobian) -> tuple[int, int]:
    """A point's two coordinates; not of the point at infinity, which has none."""
    x, y, z = point
    inverse = pow(z, -1, FIELD)
    return x * inverse**2 % FIELD, y * inverse**3 % FIELD


def times(factor: int, point: tuple[int, int]) -> Jacobian:
    """`point`, `factor` times; `factor` is positive or 0."""
    result: Jacobian = (0, 1, 0)
    for bit in bin(factor)[2:]:
        result = _double(result)
        if bit == "1":
            result = point_sum(result, (*point, 1))
    return result


def _double(point: Jacobian) -> Jacobian:
    x, y, z = point
    if not z:
        return point
    s = 4 * x * y * y % FIELD
    m = 3 * x * x % FIELD
    new_x = (m * m - 2 * s) % FIELD
    return new_x, (m * (s - new_x) - 8 * y**4) % FIELD, 2 * y * z % FIELD


def point_sum(one: Jacobian, other: Jacobian) -> Jacobian:
    """Two points added."""
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
