"""An HTTP server on loopback that does to each request what a test says, down to the bytes."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from tests.infra.rpc.tiny_node import TinyNode


class Exchange:
    """One request, and the connection to answer it on."""

    def __init__(self, connection: socket.socket, head: str, body: bytes, closing: threading.Event) -> None:
        self._connection = connection
        self._closing = closing
        self.request_line, *lines = head.split("\r\n")
        self.headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
        }
        self.body = body
        self.open = True

    @property
    def batch(self) -> list[dict[str, Any]]:
        """The JSON-RPC requests in it."""
        return list(json.loads(self.body))

    def send(self, data: bytes) -> None:
        """Raw bytes."""
        with suppress(OSError):  # The client may have gone, which is what many tests are about.
            self._connection.sendall(data)

    def reply(self, document: object, status: int = 200, **headers: str) -> None:
        """A JSON body."""
        self.reply_bytes(json.dumps(document).encode(), status, **headers)

    def reply_bytes(self, body: bytes, status: int = 200, **headers: str) -> None:
        """Any body. Header names have underscores for hyphens."""
        lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def drip(self, data: bytes, seconds: float = 0.02) -> None:
        """One byte at a time until the client or the server goes."""
        for byte in data:
            if self._closing.wait(seconds):
                return
            try:
                self._connection.sendall(bytes([byte]))
            except OSError:
                return

    def hang(self) -> None:
        """Say nothing more until the client or the server goes."""
        self._connection.settimeout(0.02)
        while not self._closing.is_set():
            try:
                if not self._connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.open = False

    def reset(self) -> None:
        """Break the connection so that the client gets a reset."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        self._connection.close()
        self.open = False


Behaviour = Callable[[Exchange], None]


class ScriptedServer:
    """Answers each request with the next of `behaviours`, and with `otherwise` when these are used up."""

    def __init__(self, otherwise: Behaviour) -> None:
        self.otherwise = otherwise
        self.behaviours: list[Behaviour] = []
        self.exchanges: list[Exchange] = []
        self.connections = 0
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.name = f"127.0.0.1:{self.port}"

    def close(self) -> None:
        self._closing.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while (exchange := self._receive(connection)) is not None:
                self.exchanges.append(exchange)
                behaviour = self.behaviours.pop(0) if self.behaviours else self.otherwise
                behaviour(exchange)
                if not exchange.open:
                    return

    def _receive(self, connection: socket.socket) -> Exchange | None:
        connection.settimeout(0.05)
        received = b""
        while True:
            head, gap, body = received.partition(b"\r\n\r\n")
            if gap:
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
                if len(body) >= length:
                    return Exchange(connection, head.decode(), body, self._closing)
            try:
                more = connection.recv(65_536)
            except TimeoutError:
                if self._closing.is_set():
                    return None
                continue
            except OSError:
                return None
            if not more:
                return None
            received += more


def serving(node: TinyNode) -> Behaviour:
    """The behaviour of an honest node."""
    return lambda exchange: exchange.reply([node.answer(request) for request in exchange.batch])


@contextmanager
def server_of(node: TinyNode) -> Iterator[ScriptedServer]:
    """A server in front of `node`."""
    server = ScriptedServer(serving(node))
    try:
        yield server
    finally:
        server.close()
