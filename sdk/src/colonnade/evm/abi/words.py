"""Values that stand in one word.

Decoding accepts what `eth_abi` accepts. Encoding is stricter: a `bytesN` has exactly N bytes (web3 asks the same,
`eth_abi` pads), and an address is text with `0x` whose checksum is right if its case is mixed.
"""

from __future__ import annotations

from functools import lru_cache

from colonnade.evm.abi.types import WORD, AbiError, Claim, Decode, Encode, Word
from colonnade.evm.address import Address, InvalidAddress, address_bytes, checksum, parse_address


def encoder(type_: Word, width: int = WORD) -> Encode:
    """Encodes values of `type_`, padded to `width` bytes."""
    match type_.kind:
        case "uint" | "int":
            return _integer_encoder(type_, width)
        case "bool":
            return lambda value: _bool(value).to_bytes(width, "big")
        case "address":
            return lambda value: _address(value).rjust(width, b"\0")
        case "bytes":
            return lambda value: _fixed_bytes(value, type_).ljust(width, b"\0")


def decoder(type_: Word) -> Decode:
    """Decodes words of `type_`; padding must be what an encoder writes."""
    match type_.kind:
        case "uint":
            return _uint_decoder(type_)
        case "int":
            return _int_decoder(type_)
        case "bool":
            return _decode_bool
        case "address":
            return _decode_address
        case "bytes":
            return _fixed_bytes_decoder(type_)


def _integer_encoder(type_: Word, width: int) -> Encode:
    signed = type_.kind == "int"
    bits = type_.size * 8
    low, high = (-1 << (bits - 1), 1 << (bits - 1)) if signed else (0, 1 << bits)

    def encode(value: object) -> bytes:
        if not isinstance(value, int) or isinstance(value, bool):
            raise AbiError(f"{type_} takes an int, not {type(value).__name__}")
        if not low <= value < high:
            raise AbiError(f"{hex(value)[:80]} is out of the range of {type_}")
        return value.to_bytes(width, "big", signed=signed)

    return encode


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise AbiError(f"bool takes a bool, not {type(value).__name__}")
    return value


def _address(value: object) -> bytes:
    if not isinstance(value, str):
        raise AbiError(f"address takes text, not {type(value).__name__}")
    try:
        return _address_bytes(value)
    except InvalidAddress as error:
        raise AbiError(str(error)) from error


@lru_cache(maxsize=4096)
def _address_bytes(text: str) -> bytes:
    return address_bytes(parse_address(text))


def _fixed_bytes(value: object, type_: Word) -> bytes:
    if not isinstance(value, bytes | bytearray):
        raise AbiError(f"{type_} takes bytes, not {type(value).__name__}")
    if len(value) != type_.size:
        raise AbiError(f"{type_} takes exactly {type_.size} bytes, not {len(value)}")
    return bytes(value)


def _uint_decoder(type_: Word) -> Decode:
    bits = type_.size * 8

    def decode(data: bytes, at: int, _claim: Claim) -> int:
        value = int.from_bytes(data[at : at + 32], "big")
        if value >> bits:
            raise _malformed(type_, data, at)
        return value

    return decode


def _int_decoder(type_: Word) -> Decode:
    bits = type_.size * 8
    low, high = -1 << (bits - 1), 1 << (bits - 1)

    def decode(data: bytes, at: int, _claim: Claim) -> int:
        value = int.from_bytes(data[at : at + 32], "big", signed=True)
        if not low <= value < high:
            raise _malformed(type_, data, at)
        return value

    return decode


def _fixed_bytes_decoder(type_: Word) -> Decode:
    size = type_.size
    padding = bytes(WORD - size)

    def decode(data: bytes, at: int, _claim: Claim) -> bytes:
        if data[at + size : at + 32] != padding:
            raise _malformed(type_, data, at)
        return data[at : at + size]

    return decode


def _decode_bool(data: bytes, at: int, _claim: Claim) -> bool:
    value = int.from_bytes(data[at : at + 32], "big")
    if value > 1:
        raise _malformed(Word("bool", 1), data, at)
    return value == 1


def _decode_address(data: bytes, at: int, _claim: Claim) -> Address:
    if any(data[at : at + 12]):
        raise _malformed(Word("address", 20), data, at)
    return checksum(data[at + 12 : at + 32])


def _malformed(type_: Word, data: bytes, at: int) -> AbiError:
    return AbiError(f"the word at byte {at} is not a valid {type_}: 0x{data[at : at + 32].hex()}")
