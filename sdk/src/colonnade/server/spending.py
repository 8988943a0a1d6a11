"""What requests spend of their client's bucket, and the refusal of those that find it empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from colonnade.rates import RateLimited, Rates
from colonnade.rates.holders import refused_at
from colonnade.server.refusal import Refusal

CHARACTERS: Final = 500
"""Characters of a document that cost at least 1, whatever it asks for: they have to be read and validated."""

BYTES: Final = 5_000
"""Bytes of a body that cost 1 although it is no request: JSON is read faster than a document."""

REGISTRATION: Final = 10
"""What it costs besides to have a document kept under its hash: that is a write, as of a mutation."""

CREDENTIALS: Final = 20
"""What credentials cost that are no good, of a bucket of its own for each address: to know takes a read."""

ROUTE: Final = 1
"""What a request to a route of a plugin costs."""

CONNECTION: Final = 10
"""What it costs to open a socket, and to introduce oneself on it: each is a write."""


class Spending:
    """Buckets as the ways in see them; without `rates` everything is free, and no balance is told."""

    def __init__(self, rates: Rates | None) -> None:
        self._rates = rates

    def admit(self, holder: str) -> None:
        """Raises `Refusal` where nothing is left, before anything is read. Asks nobody."""
        if self._rates is not None:
            try:
                self._rates.check(holder)
            except RateLimited as limited:
                raise refusal_of(limited) from None

    def admit_credentials(self, source_ip: str) -> None:
        """Raises `Refusal` where too many credentials from this address were no good. Asks nobody."""
        self.admit(refused_at(source_ip))

    def note(self, holder: str, tokens: int) -> None:
        """Spend what a refusal has cost. Asks nobody."""
        if self._rates is not None:
            self._rates.note(holder, tokens)

    def note_credentials(self, source_ip: str) -> None:
        """Spend what refused credentials have cost. Asks nobody."""
        self.note(refused_at(source_ip), CREDENTIALS)

    async def spend(self, holder: str, tokens: int) -> Mapping[str, int]:
        """`extensions.cost` of what costs `tokens`. Raises `Refusal`, and then nothing is spent."""
        if self._rates is None:
            return {"requested": tokens}
        try:
            balance = await self._rates.spend(holder, tokens)
        except RateLimited as limited:
            raise refusal_of(limited) from None
        return balance.shown()


def reading(text: str | None) -> int:
    """What a document costs at least: 1, and more for a long one."""
    return 1 + len(text or "") // CHARACTERS


def refusal_of(limited: RateLimited) -> Refusal:
    """What a client is told whose bucket does not hold as much."""
    wait = limited.retry_after_ms
    balance = limited.balance
    return Refusal(
        429,
        "RATE_LIMITED",
        f"this costs {balance.requested:,}, and {balance.available:,} are left; "
        f"{balance.restore_rate:,} come back each second: wait {wait:,} ms, or ask for less",
        {"retry-after": str(-(-wait // 1_000))},
        retry_after_ms=wait,
        cost=balance.shown(),
    )
