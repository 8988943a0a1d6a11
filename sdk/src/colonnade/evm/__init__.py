"""What a plugin needs of the EVM: addresses, hashing, ABI coding, typed data. Light to import.

Answers equal those of web3 and its family; the few places that are stricter say so.
"""

from colonnade.evm.address import (
    ZERO_ADDRESS,
    Address,
    InvalidAddress,
    address_bytes,
    checksum,
    create2_address,
    create_address,
    parse_address,
)
from colonnade.evm.keccak import keccak

__all__ = [
    "ZERO_ADDRESS",
    "Address",
    "InvalidAddress",
    "address_bytes",
    "checksum",
    "create2_address",
    "create_address",
    "keccak",
    "parse_address",
]
