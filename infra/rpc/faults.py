"""What a node means by an error: their codes overlap, so their words count too.

Seen with geth, reth, erigon, nethermind and anvil.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import Final

from colonnade.errors import CallReverted
from colonnade.evm import revert_reason
from infra.rpc.jsonrpc import RpcError


class Fault(Enum):
    REVERTED = auto()
    """The contract refused, or its code is broken."""
    OUT_OF_GAS = auto()
    UNKNOWN_BLOCK = auto()
    """The node does not have the block: not yet, or no longer."""
    INVALID_PARAMS = auto()
    """The node does not take a parameter in this shape."""
    OTHER = auto()


_EXECUTION_REVERTED: Final = 3  # geth's, and by now everybody's

_REVERT_DATA: Final = re.compile(r"(?:Reverted )?0x((?:[0-9a-fA-F]{2})*)")

_CODES: Final = {
    -32001: Fault.UNKNOWN_BLOCK,  # resource not found (EIP-1474)
    -32015: Fault.REVERTED,  # VM execution error
    -32602: Fault.INVALID_PARAMS,
}

_WORDS: Final = tuple(
    (re.compile(words, re.IGNORECASE), fault)
    for words, fault in (
        # Not "intrinsic gas": that is how reth says that `gas` is above its cap.
        # "OOG": revm's names, as anvil gives them. The last is how geth calls memory without end.
        (r"out ?of ?gas|gas required exceeds|EVM error:? \w*OOG\b|gas uint64 overflow", Fault.OUT_OF_GAS),
        (
            r"(header|block)( for hash)? not found|unknown block|not currently canonical|block ?out ?of ?range",
            Fault.UNKNOWN_BLOCK,
        ),
        (
            r"revert|invalid ?(fe ?)?(opcode|jump)|bad (instruction|jump)|stack (under|over)flow|stack limit"
            r"|static ?call|write protection|return data out of bounds|access ?violation|max call depth"
            r"|EVM error:? (?!Fatal|Db|Database)\w",
            Fault.REVERTED,
        ),
        (r"unmarshal|invalid (argument|param)|too many arguments|override", Fault.INVALID_PARAMS),
    )
)


def classify(error: RpcError) -> Fault:
    """What went wrong, as far as a node's error tells."""
    if error.code == _EXECUTION_REVERTED or error.message.startswith("execution reverted"):
        return Fault.REVERTED  # Whatever else the message says is the contract's.
    for pattern, fault in _WORDS:
        if pattern.search(error.message):
            return fault
    return _CODES.get(error.code, Fault.OTHER)


def reverted(data: bytes) -> CallReverted:
    """The error for these revert bytes, with the reason they spell."""
    return CallReverted(data, revert_reason(data))


def revert_data(error: RpcError) -> bytes:
    """The revert bytes that came with a node's error; some give none."""
    spelled = _REVERT_DATA.fullmatch(error.data) if isinstance(error.data, str) else None
    return b"" if spelled is None else bytes.fromhex(spelled[1])
