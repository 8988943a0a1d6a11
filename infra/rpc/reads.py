"""What is asked of a chain, and what may come back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from colonnade.chains import Call
from colonnade.errors import CallReverted
from colonnade.evm import Address


@dataclass(frozen=True, slots=True)
class NativeBalance:
    """How much of the chain's own coin an account has; answered as a 32-byte word, in wei."""

    account: Address


Read: TypeAlias = Call | NativeBalance
Outcome: TypeAlias = bytes | CallReverted


def code_of(read: Read) -> bytes | None:
    """The code that a lens call brings along; None for any other read."""
    return read.code if isinstance(read, Call) else None
