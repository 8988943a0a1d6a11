"""Sockets in memory: what is sent to each, and failures in the order a test gives them."""

from __future__ import annotations

from collections import deque
from itertools import count

from colonnade.connections import LARGEST_MESSAGE
from colonnade.errors import ConnectionFault, ConnectionGone, MessageTooLarge


class ScriptedConnections:
    """Passes the contract test of `Connections`; only connections that were opened exist.

    `sent`: the messages of each connection, also of those that are gone. `closed`: those that the server closed.
    """

    def __init__(self) -> None:
        self.sent: dict[str, list[str]] = {}
        self.closed: list[str] = []
        self._open: set[str] = set()
        self._numbers = count(1)
        self._faults: dict[str, deque[ConnectionFault | None]] = {}

    def open(self, connection_id: str | None = None) -> str:
        """Connect a client; its connection's id."""
        made = connection_id or f"connection-{next(self._numbers)}="
        self._open.add(made)
        self.sent.setdefault(made, [])
        return made

    def leave(self, connection_id: str) -> None:
        """Let a client be gone."""
        self._open.discard(connection_id)

    def fail(self, connection_id: str, *faults: ConnectionFault | None) -> None:
        """Have the next posts to a connection raise these, one each; None lets one pass."""
        self._faults.setdefault(connection_id, deque()).extend(faults)

    async def post(self, connection_id: str, text: str) -> None:
        """See `Connections.post`."""
        if len(text.encode()) > LARGEST_MESSAGE:
            raise MessageTooLarge(f"a socket carries at most {LARGEST_MESSAGE} bytes a message")
        if connection_id not in self._open:
            raise ConnectionGone(f"connection {connection_id} is gone")
        faults = self._faults.get(connection_id)
        if faults and (fault := faults.popleft()) is not None:
            raise fault
        self.sent[connection_id].append(text)

    async def close(self, connection_id: str) -> None:
        """See `Connections.close`."""
        if connection_id in self._open:
            self._open.discard(connection_id)
            self.closed.append(connection_id)
