"""What contracts answer to a read. Pure."""

from __future__ import annotations

from typing import TypeAlias

from colonnade.errors import CallReverted
from colonnade.evm import AbiError

Answer: TypeAlias = bytes | CallReverted


def answered(answer: Answer) -> bytes:
    """The bytes of an answer. Raises `AbiError` where the contract reverted: to a caller it is as good as noise."""
    if isinstance(answer, CallReverted):
        raise AbiError("the contract does not answer")
    return answer
