"""Time that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

START: Final = datetime(2026, 1, 1, tzinfo=UTC)


class FrozenClock:
    """A `colonnade.context.Clock` that shows `now` until it is advanced."""

    def __init__(self, now: datetime = START) -> None:
        if now.tzinfo is None:
            raise ValueError("a clock's time has a time zone: datetime(…, tzinfo=UTC)")
        self._now = now.astimezone(UTC)

    def now(self) -> datetime:
        """The time it stands at, UTC."""
        return self._now

    def advance(self, by: timedelta | float) -> datetime:
        """Move on by a timedelta or a number of seconds; the new time. Raises ValueError for going back."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        if step < timedelta():
            raise ValueError(f"time does not go back: {by}")
        self._now += step
        return self._now
