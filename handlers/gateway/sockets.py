"""The open sockets of the local gateway, and the limits that API Gateway sets them."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from colonnade.connections import LARGEST_MESSAGE
from colonnade.errors import ConnectionGone, ConnectionThrottled, MessageTooLarge

LARGEST_FRAME: Final = 32 * 1024
"""Bytes of one frame that a client may send; more ends the connection with 1009, as too large a message does."""

CLOSED_NORMALLY: Final = 1000
GOING_AWAY: Final = 1001

WAITING_BYTES: Final = 1024 * 1024
"""What may wait for a client that does not read; then posting to it is throttled."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long API Gateway lets a socket live, lets it be silent, and waits for a function's answer, in seconds;
    `look`: how often we look."""

    life: float = 2 * 60 * 60
    silence: float = 10 * 60
    answer: float = 29.0
    look: float = 1.0


@dataclass(slots=True, eq=False)
class Socket:
    """One client. `id`: as API Gateway makes them; the times are seconds since 1970."""

    source_ip: str
    user_agent: str
    connected_at: float
    last_active: float
    id: str = field(default_factory=lambda: base64.urlsafe_b64encode(secrets.token_bytes(11)).decode())
    close_code: int | None = None
    waiting: asyncio.Queue[str | None] = field(default_factory=asyncio.Queue[str | None])
    waiting_bytes: int = 0

    def say(self, text: str) -> None:
        """Queue a message for the client. Raises `MessageTooLarge` and `ConnectionThrottled`."""
        size = len(text.encode())
        if size > LARGEST_MESSAGE:
            raise MessageTooLarge(f"{size} bytes")
        if self.waiting_bytes + size > WAITING_BYTES:
            raise ConnectionThrottled("the client reads too slowly")
        self.waiting_bytes += size
        self.waiting.put_nowait(text)

    async def next_message(self) -> str | None:
        """What the client gets next; None when there will be no more."""
        text = await self.waiting.get()
        if text is None or self.close_code is not None:
            return None
        return text

    def sent(self, text: str) -> None:
        """`text` is on its way and waits no longer."""
        self.waiting_bytes -= len(text.encode())

    def close(self, code: int) -> None:
        """Have the socket closed; what still waits is dropped."""
        if self.close_code is None:
            self.close_code = code
            self.hang_up()

    def hang_up(self) -> None:
        """Say no more: the socket is closed."""
        self.waiting.put_nowait(None)


class Sockets:
    """Those that are open, by their ids. All of it happens on the event loop of the server."""

    def __init__(self, patience: Patience, clock: Callable[[], float]) -> None:
        self._patience: Final = patience
        self._clock: Final = clock
        self._open: Final[dict[str, Socket]] = {}

    def __len__(self) -> int:
        return len(self._open)

    def new(self, source_ip: str, user_agent: str) -> Socket:
        """A socket that is about to open: until `add`, nobody can post to it."""
        now = self._clock()
        return Socket(source_ip, user_agent, connected_at=now, last_active=now)

    def add(self, socket: Socket) -> None:
        self._open[socket.id] = socket

    def remove(self, socket: Socket) -> None:
        self._open.pop(socket.id, None)

    def find(self, connection_id: str) -> Socket:
        """Raises `ConnectionGone`."""
        socket = self._open.get(connection_id)
        if socket is None or socket.close_code is not None:
            raise ConnectionGone(connection_id)
        return socket

    def post(self, connection_id: str, text: str) -> None:
        """Send a message. Raises `ConnectionGone`, `MessageTooLarge` and `ConnectionThrottled`."""
        socket = self.find(connection_id)
        socket.say(text)
        self.heard(socket)

    def heard(self, socket: Socket) -> None:
        """Something was said on the socket, by either side."""
        socket.last_active = self._clock()

    async def watch(self, socket: Socket) -> None:
        """Closes the socket when it was silent for too long, or has lived for long enough."""
        while True:
            await asyncio.sleep(self._patience.look)
            now = self._clock()
            silent, lived = now - socket.last_active, now - socket.connected_at
            if silent >= self._patience.silence or lived >= self._patience.life:
                socket.close(GOING_AWAY)
