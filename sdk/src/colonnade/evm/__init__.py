"""What a plugin needs of the EVM: addresses, hashing, ABI coding, typed data. Light to import.

Answers equal those of web3 and its family; the few places that are stricter say so.
"""

from colonnade.evm.abi import AbiError, decode, encode, encode_packed
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
from colonnade.evm.events import Event
from colonnade.evm.keccak import keccak
from colonnade.evm.reverts import revert_reason
from colonnade.evm.signatures import Error, Function
from colonnade.evm.typed_data import (
    TypedDataError,
    domain_separator,
    encode_type,
    hash_message,
    struct_hash,
    typed_data_hash,
)

__all__ = [
    "ZERO_ADDRESS",
    "AbiError",
    "Address",
    "Error",
    "Event",
    "Function",
    "InvalidAddress",
    "TypedDataError",
    "address_bytes",
    "checksum",
    "create2_address",
    "create_address",
    "decode",
    "domain_separator",
    "encode",
    "encode_packed",
    "encode_type",
    "hash_message",
    "keccak",
    "parse_address",
    "revert_reason",
    "struct_hash",
    "typed_data_hash",
]
