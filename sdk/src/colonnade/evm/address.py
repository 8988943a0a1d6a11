"""Addresses: parsed from any spelling, always kept in the EIP-55 one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NewType

from colonnade.evm.keccak import keccak

Address = NewType("Address", str)
"""An address as EIP-55 spells it: `0x` and 40 hexadecimal digits whose case is a checksum."""

ZERO_ADDRESS: Final = Address("0x" + "0" * 40)

_HEX_ADDRESS: Final = re.compile(r"0[xX][0-9a-fA-F]{40}")


class InvalidAddress(ValueError):
    """The text is not an address: not 20 bytes of hexadecimal with `0x`, or its checksum is wrong."""


@lru_cache(maxsize=4096)
def checksum(raw: bytes) -> Address:
    """The address of 20 bytes. Raises `InvalidAddress` for any other length."""
    if len(raw) != 20:
        raise InvalidAddress(f"an address is 20 bytes, these are {len(raw)}")
    digits = raw.hex()
    case = keccak(digits.encode()).hex()
    return Address("0x" + "".join(d.upper() if c > "7" else d for d, c in zip(digits, case, strict=False)))


def parse_address(text: str) -> Address:
    """The address that `text` spells; all lower and all upper case pass, mixed case must be the checksum.

    Raises `InvalidAddress`, with the right spelling where only the checksum is wrong.
    """
    if not _HEX_ADDRESS.fullmatch(text):
        raise InvalidAddress(f"not an address, which is 0x and 40 hexadecimal digits: {text[:64]!r}")
    digits = text[2:]
    address = checksum(bytes.fromhex(digits))
    if digits not in (address[2:], digits.lower(), digits.upper()):
        raise InvalidAddress(
            f"the checksum of {text} is wrong; if its digits are right it is written {address}"
        )
    return address


def address_bytes(address: Address) -> bytes:
    """The 20 bytes of `address`."""
    return bytes.fromhex(address[2:])


def create_address(sender: Address, nonce: int) -> Address:
    """Where the contract stands that `sender` deploys with its transaction number `nonce` (CREATE)."""
    if not 0 <= nonce < 2**64 - 1:
        raise ValueError(f"a nonce is not negative and below 2^64 - 1 (EIP-2681): {nonce}")
    number = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    encoded = number if len(number) == 1 and nonce < 0x80 else bytes([0x80 + len(number)]) + number
    fields = b"\x94" + address_bytes(sender) + encoded
    return checksum(keccak(bytes([0xC0 + len(fields)]) + fields)[12:])


def create2_address(deployer: Address, salt: bytes, init_code_hash: bytes) -> Address:
    """Where `deployer` puts the contract of this init code and salt, 32 bytes each (EIP-1014)."""
    if len(salt) != 32 or len(init_code_hash) != 32:
        raise ValueError("salt and init_code_hash are 32 bytes each")
    return checksum(keccak(b"\xff" + address_bytes(deployer) + salt + init_code_hash)[12:])
