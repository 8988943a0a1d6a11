"""The ABI of contracts: encoding and decoding of values by their types."""

from colonnade.evm.abi.decoding import decode
from colonnade.evm.abi.encoding import encode
from colonnade.evm.abi.packed import encode_packed
from colonnade.evm.abi.types import AbiError

__all__ = ["AbiError", "decode", "encode", "encode_packed"]
