"""When a message is tried again, and when an endpoint is left alone: pure.

The pauses are those that Standard Webhooks proposes. Each is up to a fifth longer than it says, by a fraction that
follows from the message, so that what failed together does not come back together.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Before the second attempt, the third, …: ten attempts, the last some three days after the first."""

JITTER: Final = 0.2
"""The part of itself by which a pause is longer at most."""

MOST_RETRY_AFTER: Final = timedelta(hours=24)
"""What `Retry-After` asks for beyond this is not given."""

DISABLED_AFTER: Final = timedelta(days=3)
"""For how long an endpoint may do nothing but fail."""

OPENS_AT: Final = 5
"""Failures in a row, of whatever messages, after which an endpoint is sent nothing for a while."""

_FIRST_REST: Final = timedelta(seconds=30)
_LONGEST_REST: Final = timedelta(minutes=15)
_FIRST_WAIT: Final = timedelta(seconds=5)
_LONGEST_WAIT: Final = timedelta(minutes=15)


def next_try(seed: str, tries: int, now: datetime, retry_after: timedelta | None = None) -> datetime | None:
    """When to try again after `tries` attempts that failed, the last at `now`; None where that was the last one.

    `retry_after`: what the receiver asked for; it makes a pause longer, within bounds, and never shorter.
    """
    if tries > len(PAUSES):
        return None
    pause = _stretched(PAUSES[tries - 1], f"{seed}:{tries}")
    asked = timedelta() if retry_after is None else min(retry_after, MOST_RETRY_AFTER)
    return now + max(pause, asked)


def rest_after(failures: int, now: datetime) -> datetime | None:
    """Until when an endpoint is left alone after so many failures in a row; None where it is not."""
    if failures < OPENS_AT:
        return None
    return now + min(_FIRST_REST * (1 << min(failures - OPENS_AT, 10)), _LONGEST_REST)


def put_off(seed: str, waits: int, now: datetime, rests_until: datetime | None = None) -> datetime:
    """When to look again at a message that could not be sent for want of a free place, or because its endpoint rests.

    `waits`: how often it was put off before.
    """
    longer = min(_FIRST_WAIT * (1 << min(waits, 10)), _LONGEST_WAIT)
    begin = now if rests_until is None else max(now, rests_until)
    fraction = _fraction(f"{seed}:wait:{waits}")
    return begin + longer * (fraction if rests_until is not None else 1 + fraction)


def retry_after(header: str | None, now: datetime) -> timedelta | None:
    """What a `Retry-After` header asks for: seconds, or a date (RFC 9110, 10.2.3); None for anything else."""
    if header is None or len(header) > 64:
        return None
    text = header.strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text), int(MOST_RETRY_AFTER.total_seconds())))
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - most of what imports this reads no dates

    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(timedelta(), date - now)


def _stretched(pause: timedelta, seed: str) -> timedelta:
    return pause * (1 + JITTER * _fraction(seed))


def _fraction(seed: str) -> float:
    """A number from 0 up to 1 that is always the same for a seed."""
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6]) / 0x1_0000_0000_0000
