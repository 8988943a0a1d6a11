"""Why applause can be refused, apart from what the SDK has a type for."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from colonnade import UserError, user_error


@user_error("TOKEN_NOT_FOUND", advice="Correct the address, or the chain.")
class NothingToApplaud(UserError):
    """There is no ERC-20 token at the address."""


@user_error("DAILY_LIMIT_REACHED", advice="Wait for `retryAfterMs`: the day ends at midnight, UTC.")
class DailyLimitReached(UserError):
    """The caller has applauded as often today as this deployment allows."""

    @classmethod
    def at(cls, now: datetime) -> DailyLimitReached:
        """The refusal of a request that came at `now`."""
        wait = midnight_after(now) - now
        return cls(
            message="no more applause today; the next day begins at midnight, UTC",
            retryable=True,
            retry_after_ms=int(wait.total_seconds() * 1_000),
        )


def midnight_after(now: datetime) -> datetime:
    """When the day of `now` ends, UTC."""
    return datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
