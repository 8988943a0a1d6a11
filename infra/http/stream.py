"""Bytes to and from a stranger's server, each wait within the deadline of the whole."""

from __future__ import annotations

import socket
from typing import Final

from colonnade.errors import OutboundUnreachable
from infra.http.deadline import Deadline

_READ: Final = 16 * 1024


class Stream:
    """A connection, buffered. Raises `OutboundUnreachable` after the deadline, and OSError as sockets do."""

    def __init__(self, connection: socket.socket, deadline: Deadline) -> None:
        self._connection = connection
        self._deadline = deadline
        self._buffer = bytearray()

    def send(self, data: bytes) -> None:
        """Send all of it, however slowly it is read."""
        left = memoryview(data)
        while left:
            self._connection.settimeout(self._deadline.remaining())
            left = left[self._connection.send(left[:_READ]) :]

    def line(self, most: int) -> bytes:
        """The next line without its end. Raises `OutboundUnreachable` for one that is longer than `most` bytes."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > most or not self._fill():
                raise OutboundUnreachable("the answer breaks off, or has too long a line", cause="protocol")
        if end > most:
            raise OutboundUnreachable("the answer has too long a line", cause="protocol")
        found = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return found.removesuffix(b"\r")

    def exactly(self, length: int) -> bytes:
        """The next `length` bytes."""
        while len(self._buffer) < length:
            if not self._fill():
                raise OutboundUnreachable("the answer breaks off", cause="protocol")
        found = bytes(self._buffer[:length])
        del self._buffer[:length]
        return found

    def rest(self, most: int) -> bytes:
        """Everything up to the end of the connection. Raises `OutboundUnreachable` for more than `most` bytes."""
        while len(self._buffer) <= most and self._fill():
            pass
        if len(self._buffer) > most:
            raise OutboundUnreachable(f"the answer is longer than {most} bytes", cause="size")
        found = bytes(self._buffer)
        self._buffer.clear()
        return found

    def _fill(self) -> bool:
        self._connection.settimeout(self._deadline.remaining())
        data = self._connection.recv(_READ)
        self._buffer += data
        return bool(data)
