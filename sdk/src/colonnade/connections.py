"""The `Connections` port: open WebSockets, by the ids their gateway gave them.

Adapters: API Gateway's management API, also spoken by the local gateway, and a scripted one for tests.
"""

from __future__ import annotations

from typing import Final, Protocol

LARGEST_MESSAGE: Final = 128 * 1024
"""Bytes of one message, either way; API Gateway carries no more."""


class Connections(Protocol):
    """Sends to clients that are connected; whoever sends need not hold their sockets."""

    async def post(self, connection_id: str, text: str) -> None:
        """Send one text message, of at most `LARGEST_MESSAGE` bytes in UTF-8.

        Raises `ConnectionGone` (for ever), `ConnectionThrottled` (too fast, not sent), `MessageTooLarge` (not sent),
        or `ConnectionUnavailable` (unknown whether it was sent).
        """
        ...

    async def close(self, connection_id: str) -> None:
        """Close the socket; one that is gone already is no error. The gateway chooses the close code (1000)."""
        ...
