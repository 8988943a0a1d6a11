"""A progress bar on a terminal, and one line for each step anywhere else."""

from __future__ import annotations

import asyncio
import sys
from typing import Final, TextIO

from colonnade.errors import ConfigurationError
from colonnade.work.operations import Operation, Operations, OperationStatus

EVERY: Final = 1.0
"""Seconds between two looks at an operation."""

_WIDTH: Final = 30


def bar(operation: Operation, width: int = _WIDTH) -> str:
    """How far an operation is, as in `[#####-----]  50% 5/10 running  note`."""
    if operation.total:
        full = operation.done * width // operation.total
        share = f"{operation.done * 100 // operation.total:3}% {operation.done}/{operation.total}"
    else:
        full, share = 0, f"     {operation.done}"
    said = operation.failure if operation.status is OperationStatus.FAILED else operation.note
    return f"[{'#' * full}{'-' * (width - full)}] {share} {operation.status}{f'  {said}' if said else ''}"


async def watch(
    operations: Operations, operation_id: str, *, every: float = EVERY, to: TextIO | None = None
) -> int:
    """Show an operation until it has ended: 0 where it was done, 1 otherwise.

    Raises `ConfigurationError` where there is none.
    """
    out = sys.stdout if to is None else to
    before = ""
    while True:
        found = await operations.find(operation_id)
        if found is None:
            raise ConfigurationError(f"there is no operation {operation_id}")
        line = bar(found)
        if out.isatty():
            out.write(f"\r\x1b[K{line}")
        elif line != before:
            out.write(f"{line}\n")
        out.flush()
        before = line
        if found.status.ended:
            out.write("\n" if out.isatty() else "")
            return int(found.status is not OperationStatus.DONE)
        await asyncio.sleep(every)
