"""A proxy in front of the management API that answers some messages with 410, 429 and 500.

A 410 is true: the proxy has the gateway close that socket first. A 429 means that the message was not sent. A 500 says
nothing: half of the messages that it answers were sent all the same.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

from tests.soak.plan import Faults

_TYPES = {410: "GoneException", 429: "LimitExceededException"}
_LONGEST_SPELL = 8


class BadWeather:
    """Decides what becomes of each message; `counts`: what it decided."""

    def __init__(self, random: Random, faults: Faults) -> None:
        self.counts: Counter[str] = Counter()
        self._random = random
        self._faults = faults
        self._spells: dict[str, int] = {}
        self._lock = threading.Lock()

    def over(self, path: str) -> int | None:
        """The status that a message is answered with; None: whatever the gateway says."""
        with self._lock:
            if self._spells.get(path, 0) > 0:
                self._spells[path] -= 1
                return self._random.choice([429, 500])
            dice, faults = self._random.random(), self._faults
            for share, status in (
                (faults.gone, 410),
                (faults.throttled, 429),
                (faults.failed, 500),
            ):
                if dice < share:
                    return status
                dice -= share
            if dice < faults.spell:
                self._spells[path] = self._random.randint(1, _LONGEST_SPELL - 1)
                return self._random.choice([429, 500])
            return None

    def also_sent(self) -> bool:
        """Whether a message was sent that is answered with 500."""
        with self._lock:
            return self._random.random() < 0.5

    def note(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1


@contextmanager
def proxy_of(port: int, weather: BadWeather) -> Iterator[str]:
    """The URL of a proxy in front of the gateway at `port`, until the block ends."""
    server = _Server(port, weather)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, weather: BadWeather) -> None:
        super().__init__(("127.0.0.1", 0), _Proxy)
        self.port = port
        self.weather = weather

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A killed process leaves its requests half said."""


class _Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 30

    def setup(self) -> None:
        super().setup()
        self._upstream: HTTPConnection | None = None

    def finish(self) -> None:
        super().finish()
        if self._upstream is not None:
            self._upstream.close()

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # whoever was posting has been killed
            self.close_connection = True
            return
        weather = self.server.weather
        status = weather.over(self.path)
        if status == 410:
            self._ask("DELETE", b"")
        if status == 500 and weather.also_sent():
            self._ask("POST", body)
            weather.note("500 although sent")
        elif status is not None:
            weather.note(str(status))
        if status is None:
            self._pass_on("POST", body)
        else:
            self._answer(status, _TYPES.get(status, "InternalServerException"), b"")

    def do_DELETE(self) -> None:
        self._pass_on("DELETE", b"")

    def _pass_on(self, method: str, body: bytes) -> None:
        status, kind, answer = self._ask(method, body)
        self.server.weather.note("sent" if status == 200 else f"gateway said {status}")
        self._answer(status, kind, answer)

    def _ask(self, method: str, body: bytes) -> tuple[int, str, bytes]:
        """What the gateway says; 503 while it is dead."""
        try:
            self._upstream = self._upstream or HTTPConnection("127.0.0.1", self.server.port, timeout=20)
            self._upstream.request(method, self.path, body)
            answer = self._upstream.getresponse()
            return answer.status, answer.headers.get("x-amzn-errortype", ""), answer.read()
        except (OSError, HTTPException):
            if self._upstream is not None:
                self._upstream.close()
                self._upstream = None
            return 503, "", b""

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        if kind:
            self.send_header("x-amzn-errortype", kind)
        self.send_header("content-length", "0" if status == 204 else str(len(body)))
        self.end_headers()
        if status != 204:
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: a line for each message would drown everything else."""
