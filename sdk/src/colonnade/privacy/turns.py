"""A turn of a long operation on an account: it ends in time, keeps its place, and asks for the next."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from colonnade.context import Context
    from colonnade.work.operations import Running

SECONDS: Final = 30.0
"""How long a turn goes on; a job may take 60 seconds."""

NOTED: Final = 200
"""Rows after which the place is kept, at the latest."""


@dataclass(slots=True)
class Turn:
    """A turn. `done`: rows so far, of all turns."""

    context: Context
    running: Running
    account: str
    cursor: Mapping[str, Any] | None
    done: int
    ends: float = field(default_factory=lambda: time.monotonic() + SECONDS)

    @classmethod
    async def take(cls, context: Context, operation_id: str) -> Self | None:
        """A turn of the operation, again where it failed; None where it has ended, or another has it in hand.

        The task is the holder, so that its next attempt goes on at once with what the last one let fall.
        """
        running = await context.operations.take(operation_id, context.request_id, failed_too=True)
        if running is None:
            return None
        operation = running.operation
        arguments = operation.arguments or {}
        return cls(context, running, arguments["account"], operation.cursor, operation.done)

    @property
    def operation_id(self) -> str:
        return self.running.operation.id

    async def is_over(self, cursor: Mapping[str, Any], note: str, *, rows: int = 1) -> bool:
        """Count `rows` more; whether the turn ends here, `cursor` being where the next begins."""
        self.done += rows
        if time.monotonic() >= self.ends:
            await self.again(cursor, note)
            return True
        if self.done % NOTED < rows:
            await self.running.advance(self.done, note=note, cursor=cursor)
        return False

    async def again(self, cursor: Mapping[str, Any] | None, note: str, *, at: datetime | None = None) -> None:
        """End the turn, and ask for the next, not before `at`."""
        await self.running.advance(self.done, note=note, cursor=cursor)
        await self.running.release(at=at)

    async def fail(self, reason: str) -> None:
        """End the operation without having done it."""
        await self.running.fail(reason)

    async def succeed(self, note: str) -> None:
        """End the operation."""
        await self.running.advance(self.done, note=note)
        await self.running.succeed(note)

    async def anonymous(self, note: str) -> None:
        """End the operation, and forget whose it was."""
        await self.running.write(owner=None, arguments=None, cursor=None, done=self.done, note=note)
        await self.running.succeed(note)
