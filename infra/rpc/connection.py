"""Kept-alive HTTP connections to one endpoint, each of which another thread may cut off."""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress

from infra.rpc.target import Target

IDLE_SECONDS = 30.0
"""Balancers drop idle connections without a word; one that rested this long is not used again."""

KEPT = 16


class Connection:
    """One connection and the socket below it."""

    def __init__(self, target: Target, connect_seconds: float, tls: ssl.SSLContext | None) -> None:
        self._http = (
            http.client.HTTPConnection(target.host, target.port, timeout=connect_seconds)
            if tls is None
            else http.client.HTTPSConnection(target.host, target.port, timeout=connect_seconds, context=tls)
        )
        self.reused = False
        self._idle_since = 0.0

    def post(
        self, path: str, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> http.client.HTTPResponse:
        """Send a request; the response's head has arrived. `seconds`: for each wait on the socket."""
        if self._http.sock is None:
            self._http.connect()
        self._http.sock.settimeout(seconds)
        self._http.request("POST", path, body, dict(headers))
        return self._http.getresponse()

    def rest(self) -> None:
        """Note that a response has been read to its end."""
        self.reused = True
        # The wall clock: a monotonic one may stand still while a sandbox is frozen.
        self._idle_since = time.time()

    def is_alive(self) -> bool:
        """Whether the other side still seems to listen."""
        sock = self._http.sock
        if sock is None or not 0 <= time.time() - self._idle_since < IDLE_SECONDS:
            return False
        try:
            readable, _, _ = select.select([sock], [], [], 0)
        except (OSError, ValueError):
            return False
        return not readable

    def cut(self) -> None:
        """End whatever another thread waits for on this connection."""
        sock = self._http.sock
        if sock is not None:
            with suppress(OSError):
                # Not SSLSocket's own: that one frees what the reading thread is using.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def close(self) -> None:
        self._http.close()


class ConnectionPool:
    """Connections of one endpoint, the last one used first. Safe between threads; opens nothing by itself."""

    def __init__(self, target: Target, connect_seconds: float) -> None:
        self._target = target
        self._connect_seconds = connect_seconds
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._closed = False
        self._tls: ssl.SSLContext | None = None

    def take(self) -> Connection:
        """A living connection, or a new one that is not yet connected."""
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None:
                return self.fresh()
            if connection.is_alive():
                return connection
            connection.close()

    def fresh(self) -> Connection:
        """A connection that is not yet connected."""
        return Connection(self._target, self._connect_seconds, self._context() if self._target.tls else None)

    def give_back(self, connection: Connection) -> None:
        """Keep a connection whose last response was read to its end."""
        connection.rest()
        with self._lock:
            if len(self._idle) < KEPT and not self._closed:
                self._idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close the idle connections; one that is in use closes when it is given back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _context(self) -> ssl.SSLContext:
        # Reading the certificate authorities takes longer than a request: once, and not before it is needed.
        with self._lock:
            if self._tls is None:
                self._tls = ssl.create_default_context()
            return self._tls
