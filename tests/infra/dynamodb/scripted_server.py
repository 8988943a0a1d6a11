"""An endpoint that answers as a test tells it to, where no engine on this machine would.

What it is not told it passes on to `upstream`, a real engine, if there is one.
"""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from colonnade.testing.clock import FrozenClock
from infra.dynamodb import DynamoDBSettings, DynamoDBStore

ATTEMPTS = 5
"""How often a store of `scripted` tries."""

THROTTLES = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "ThrottlingError",
    "RequestLimitExceeded",
]


@dataclass(frozen=True)
class Answer:
    """A whole HTTP answer. `length`: what it claims to be long, if not what it is; `pace`: seconds a byte."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    pace: float = 0.0


@dataclass(frozen=True)
class Silence:
    """No answer: the connection is cut after `seconds`, first passing the request on if `delivered`."""

    seconds: float = 0.0
    delivered: bool = False


def answer(**body: Any) -> Answer:
    """What DynamoDB answers when all is well."""
    text = json.dumps(body).encode()
    return Answer(200, text, {"x-amz-crc32": str(zlib.crc32(text))})


def error(code: str, message: str = "scripted", status: int = 400, **more: Any) -> Answer:
    """How DynamoDB says no."""
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "Message": message, **more}
    return Answer(status, json.dumps(body).encode())


def cancelled(*codes: str) -> Answer:
    """A cancelled transaction, with a reason for each of its writes."""
    reasons = [{"Code": code, "Message": f"scripted {code}"} for code in codes]
    return error("TransactionCanceledException", f"cancelled {list(codes)}", CancellationReasons=reasons)


class ScriptedServer:
    """Serves `script`, one entry a request, on a port of its own; `requests` holds what it was sent."""

    def __init__(self, *script: Answer | Silence, upstream: str | None = None) -> None:
        self.script = list(script)
        self.upstream = upstream
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.connections = 0
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @property
    def operations(self) -> list[str]:
        """The names of the operations it was asked for."""
        return [operation for operation, _ in self.requests]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, scripted: ScriptedServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scripted = scripted

    def get_request(self) -> tuple[socket.socket, Any]:
        self.scripted.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: clients that hang up are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        scripted = self.server.scripted
        body = self.rfile.read(int(self.headers["Content-Length"]))
        scripted.requests.append((self.headers["X-Amz-Target"].partition(".")[2], json.loads(body)))
        step = scripted.script.pop(0) if scripted.script else self._passed_on(body)
        if isinstance(step, Silence):
            if step.delivered:
                self._passed_on(body)
            time.sleep(step.seconds)
            self.close_connection = True
            return
        self.send_response(step.status)
        for name, value in step.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(step.body) if step.length is None else step.length))
        self.end_headers()
        if not step.pace:
            self.wfile.write(step.body)
        for byte in step.body if step.pace else b"":
            self.wfile.write(bytes([byte]))
            time.sleep(step.pace)
        self.close_connection = step.length is not None

    def _passed_on(self, body: bytes) -> Answer:
        assert self.server.scripted.upstream, "more requests than the script has answers"
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}
        }
        request = urllib.request.Request(self.server.scripted.upstream, body, headers)
        try:
            with urllib.request.urlopen(request) as reply:
                return Answer(reply.status, reply.read(), {"x-amz-crc32": reply.headers["x-amz-crc32"]})
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, refusal.read())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name it overrides
        """Nothing: the tests look at `requests`."""


@contextmanager
def scripted(*script: Answer | Silence, **changes: Any) -> Iterator[tuple[ScriptedServer, DynamoDBStore]]:
    """A store whose endpoint follows the script; `changes`: to its settings."""
    with ScriptedServer(*script) as server:
        settings = replace(
            DynamoDBSettings.local(server.url, "table"),
            **{"read_timeout": 5, "deadline": 10, "attempts": ATTEMPTS, "longest_pause": 0.002} | changes,
        )
        store = DynamoDBStore(settings, FrozenClock())
        yield server, store
        store.close()
