"""Why a call reverted, in words."""

from __future__ import annotations

from typing import Final

from colonnade.evm.abi.types import AbiError
from colonnade.evm.signatures import Error

_ERROR: Final = Error.parse("error Error(string reason)")
_PANIC: Final = Error.parse("error Panic(uint256 code)")

PANICS: Final = {
    0x00: "a panic the compiler inserted",
    0x01: "an assertion failed",
    0x11: "arithmetic overflowed or underflowed",
    0x12: "division or modulo by zero",
    0x21: "a value does not belong to its enum",
    0x22: "a byte array in storage is malformed",
    0x31: "pop of an empty array",
    0x32: "an index is out of bounds",
    0x41: "too much memory was allocated",
    0x51: "an uninitialised function was called",
}
"""What Solidity's panic codes mean, after its documentation of `Panic(uint256)`."""


def revert_reason(data: bytes) -> str | None:
    """The reason in revert data: the text of `Error(string)`, or what a `Panic(uint256)` code means.

    None where the data is empty, a custom error, or malformed.
    """
    try:
        if data[:4] == _ERROR.selector:
            reason: str = _ERROR.decode_arguments(data)[0]
            return reason
        if data[:4] == _PANIC.selector:
            code: int = _PANIC.decode_arguments(data)[0]
            return f"panic {code:#04x}: {PANICS.get(code, 'unknown code')}"
    except AbiError:
        return None
    return None
