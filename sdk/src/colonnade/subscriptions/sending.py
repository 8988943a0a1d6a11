"""Sending to one client, with a little patience."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Iterable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Final

from colonnade.errors import ConnectionFault, ConnectionGone, MessageTooLarge

if TYPE_CHECKING:
    from colonnade.subscriptions.ports import SubscriptionPorts

_PAUSES: Final = (0.05, 0.2)
"""Seconds between attempts; whoever does not take a message by then is left for later."""

_ANSWER_PAUSES: Final = (0.05, 0.2, 0.5, 1.0, 2.0)
"""The same for answers, for which a client waits."""

_ANSWER_SECONDS: Final = 6.0
"""How long an answer is tried in all; the gateway does not wait for ever for whoever sends it."""

HANG_UP: Final = "subscriptions.hang-up"
"""The job that closes a connection which could not be closed at once."""

_log = logging.getLogger(__name__)


class Sent(Enum):
    """What became of a message."""

    YES = "YES"
    GONE = "GONE"
    NOT_NOW = "NOT_NOW"


async def send(
    ports: SubscriptionPorts, connection: str, text: str, pauses: Sequence[float] = _PAUSES
) -> Sent:
    """Send `text`; it may have arrived also where this does not say YES."""
    for pause in (*pauses, None):
        try:
            await ports.connections.post(connection, text)
        except ConnectionGone:
            return Sent.GONE
        except MessageTooLarge as error:
            # It would never go through, so that waiting for it would hold up everything behind it.
            _log.error("A message was dropped: %s", error, extra={"fields": {"connectionId": connection}})
            return Sent.YES
        except ConnectionFault:
            if pause is not None:
                await ports.pause(pause)
        else:
            return Sent.YES
    return Sent.NOT_NOW


async def answer(ports: SubscriptionPorts, connection: str, text: str) -> Sent:
    """Send what a client waits for. Where that fails the socket is closed: it would wait for ever, now it connects
    again."""
    try:
        async with asyncio.timeout(_ANSWER_SECONDS):
            outcome = await send(ports, connection, text, _ANSWER_PAUSES)
    except TimeoutError:
        outcome = Sent.NOT_NOW
    if outcome is Sent.NOT_NOW:
        await hang_up(ports, connection)
    return outcome


async def hang_up(ports: SubscriptionPorts, connection: str) -> None:
    """Close a connection, now or, where the gateway takes nothing now, soon."""
    try:
        await ports.connections.close(connection)
    except ConnectionFault:
        await ports.later(HANG_UP, {"connection": connection}, 1)


async def bounded(at_once: int, work: Iterable[Awaitable[None]]) -> None:
    """Do all of `work`, some of it at once. Raises what the first to fail raised, when all have ended."""
    slots = asyncio.Semaphore(at_once)

    async def one(part: Awaitable[None]) -> None:
        async with slots:
            await part

    outcomes = await asyncio.gather(*(one(part) for part in work), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
