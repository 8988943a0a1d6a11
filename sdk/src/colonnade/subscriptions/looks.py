"""When a connection is looked at: written down with its row, and again at each look."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

from colonnade.store import Put, Value
from colonnade.subscriptions.rows import DUE, LEFT

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

FIRST_LOOK: Final = 11 * 60
"""Seconds after which a connection is first looked at: later than a gateway ends one on which nothing happens."""

SPREAD: Final = 300
"""Seconds over which looks are spread, so that who came together is not looked at together."""


def look_at(ports: SubscriptionPorts, connection: str, seconds: int) -> Put:
    """The write that has a connection looked at after so many seconds, give or take."""
    spread = zlib.crc32(connection.encode()) % SPREAD
    minute = (ports.now() + seconds + spread) // 60
    row: dict[str, Value] = {"minute": minute, "connection": connection}
    return DUE.put(row, expires_at=minute * 60 + int(LEFT.total_seconds()))
