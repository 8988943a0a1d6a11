"""Requests with patience: what may be repeated is repeated, within a budget of attempts and time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from infra.dynamodb.client import Calls
from infra.dynamodb.errors import FAILURES, TRANSIENT, Fault, Refused, fault_of, reasons_of, translated
from infra.dynamodb.settings import DynamoDBSettings


class Budget:
    """What one call of the port may still spend: attempts in a row, and time."""

    def __init__(self, settings: DynamoDBSettings) -> None:
        self._settings: Final = settings
        self._end: Final = time.monotonic() + settings.deadline
        self._failures = 0

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return self._end - time.monotonic()

    async def pause(self) -> bool:
        """Waits a random while, longer after each failure; False, at once, where nothing is left to spend."""
        self._failures += 1
        if self._failures >= self._settings.attempts:
            return False
        longest = min(self._settings.longest_pause, self._settings.first_pause * 2**self._failures)
        seconds = self._settings.random() * longest
        if seconds >= self.left:
            return False
        await asyncio.sleep(seconds)
        return True

    def progress(self) -> None:
        """Counts failures anew."""
        self._failures = 0


class Requests:
    """The client's operations, repeated after failures that allow it."""

    def __init__(self, calls: Calls) -> None:
        self._calls: Final = calls

    async def __call__(
        self, operation: str, request: Mapping[str, Any], budget: Budget, *, repeatable: bool = True
    ) -> dict[str, Any]:
        """The answer to a request.

        Throttling, conflicts and refused connections did nothing, so they are always tried again; a request whose
        answer was lost only where it is `repeatable`. Raises `Refused` for conditions that did not hold, and the
        errors of the port.
        """
        outcome_unknown = False
        while True:
            try:
                async with asyncio.timeout(budget.left):
                    return await self._calls(operation, request)
            except FAILURES as error:
                fault = fault_of(error)
                if fault is Fault.REFUSED and isinstance(error, ClientError):
                    raise Refused(reasons_of(error)) from error
                lost = fault is Fault.LOST
                outcome_unknown = outcome_unknown or lost
                hopeless = fault not in TRANSIENT or (lost and not repeatable)
                if hopeless or not await budget.pause():
                    raise translated(error, fault, operation, outcome_unknown=outcome_unknown) from error
