"""An operation in the hands of one holder, who says how far it is and lets it go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from colonnade.errors import OperationLost
from colonnade.store import Writes
from colonnade.work.records import MAX_TEXT, Operation, OperationStatus

if TYPE_CHECKING:
    from colonnade.work.operations import Operations

HELD: Final = timedelta(seconds=90)
"""How long a holder has an operation to itself after each of its writes."""


class Running:
    """An operation in the hands of one holder. Every method raises `OperationLost` once it is not, and `StoreError`."""

    def __init__(self, operations: Operations, operation: Operation, holder: str) -> None:
        self._operations: Final = operations
        self._holder: Final = holder
        self._over = False
        self.operation = operation

    async def advance(
        self,
        done: int,
        total: int | None = None,
        *,
        note: str | None = None,
        cursor: Mapping[str, Any] | None = None,
    ) -> None:
        """Say how far it is, and keep `cursor` for whoever goes on; the lease begins anew.

        `done` of `total` are whole numbers of the operation's own units; None leaves what was said before.
        """
        changes: dict[str, Any] = {"done": done}
        changes |= {} if total is None else {"total": total}
        changes |= {} if note is None else {"note": note[:MAX_TEXT]}
        changes |= {} if cursor is None else {"cursor": cursor}
        if done < 0 or (changes.get("total", self.operation.total) or done) < done:
            raise ValueError(f"{self.operation.name}: {done} of {total} is no progress")
        await self.write(**changes)

    async def succeed(self, note: str | None = None, *, together: Writes | None = None) -> None:
        """It is done. `together`: what says so besides, committed with it; it has no conditions of its own."""
        changes: dict[str, Any] = {} if note is None else {"note": note[:MAX_TEXT]}
        await self._let_go(status=OperationStatus.DONE, together=together, **changes)

    async def fail(self, reason: str) -> None:
        """It has ended without being done; `reopen` lets it go on."""
        await self._let_go(status=OperationStatus.FAILED, failure=reason[:MAX_TEXT])

    async def release(self, *, at: datetime | None = None) -> None:
        """Leave the rest to whoever takes it next, or to the next turn of its job, which is asked for: at once, or not
        before `at`.
        """
        await self._let_go(status=OperationStatus.WAITING, at=at)

    async def write(self, **changes: Any) -> None:
        """Change it, and hold it from now on."""
        if self._over:
            raise OperationLost(f"operation {self.operation.id} was let go; take it again")
        until = int((self._operations.clock.now() + HELD).timestamp())
        held: dict[str, Any] = {"holder": self._holder, "held_until": until, **changes}
        self.operation = await self._operations.write(self.operation, **held)

    async def _let_go(self, **changes: Any) -> None:
        await self.write(holder=None, held_until=0, **changes)
        self._over = True
