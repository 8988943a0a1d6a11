"""The time, as a deployment knows it."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """A `colonnade.context.Clock` that reads the machine's clock."""

    def now(self) -> datetime:
        """The current time, UTC."""
        return datetime.now(UTC)
