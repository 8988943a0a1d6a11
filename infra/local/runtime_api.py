"""Lambda's Runtime API on this machine (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html).

A runtime such as `awslambdaric` asks it for the next event and posts what came of it. Stdlib only.
"""

import json
import queue
import re
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from infra.local import ports
from infra.local.stopping import Stopping

LARGEST_ANSWER = 6_291_556
"""Bytes that a function may answer; beyond them Lambda answers in its stead."""

_RUNTIME = "/2018-06-01/runtime"
_POSTED = re.compile(rf"{_RUNTIME}/invocation/([^/]+)/(response|error)")
_ARN = "arn:aws:lambda:us-east-1:000000000000:function:local"


@dataclass(frozen=True, slots=True)
class Fault:
    """What a runtime tells of an error; `trace`: its frames as text."""

    type: str
    message: str
    trace: tuple[str, ...] = ()

    @classmethod
    def told(cls, body: bytes) -> "Fault":
        """The fault that a runtime posted."""
        told: Mapping[str, Any] = json.loads(body or b"{}")
        trace = tuple(map(str, told.get("stackTrace") or ()))
        return cls(str(told.get("errorType", "")), str(told.get("errorMessage", "")), trace)


@dataclass
class Invocation:
    """One event on its way. `deadline`: when its time is over, in seconds since 1970; `answered`: set at the end."""

    body: bytes
    deadline: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    taken_at: float = 0.0
    done_at: float = 0.0
    answer: bytes | None = None
    fault: Fault | None = None
    answered: threading.Event = field(default_factory=threading.Event)


class RuntimeApi(Stopping):
    """Serves one runtime, at `address`, from a thread of this process.

    `ready`: set once the runtime asked for its first event, or for the restoring of its snapshot, or told that it
    cannot start; `ready_at`: when, on the monotonic clock; `init_fault`: why it cannot.
    """

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.ready_at = 0.0
        self.init_fault: Fault | None = None
        self._waiting: queue.Queue[Invocation | None] = queue.Queue()
        self._in_hand: dict[str, Invocation] = {}
        self._restored = threading.Event()
        self._server = _Server((ports.LOOPBACK, 0), _handler(self))
        self.address = f"{ports.LOOPBACK}:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="runtime-api", daemon=True
        )
        self._thread.start()

    def put(self, body: bytes, seconds: float) -> Invocation:
        """Has the runtime handle an event, within that time."""
        invocation = Invocation(body, time.time() + seconds)
        self._waiting.put(invocation)
        return invocation

    def restore(self) -> None:
        """Lets a runtime go on that waits for its snapshot to be restored."""
        self._restored.set()

    def stop(self) -> None:
        """Closes the API; a runtime that waits for an event ends with it."""
        self._waiting.put(None)
        self._restored.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def next_invocation(self) -> Invocation | None:
        """What the runtime gets, as soon as there is something; None at the end."""
        self._say_ready()
        invocation = self._waiting.get()
        if invocation is not None:
            self._in_hand[invocation.id] = invocation
            invocation.taken_at = time.monotonic()
        return invocation

    def await_restoring(self) -> None:
        """Returns once `restore` was called."""
        self._say_ready()
        self._restored.wait()

    def refuse_start(self, body: bytes) -> None:
        """The runtime cannot start."""
        self.init_fault = Fault.told(body)
        self._say_ready()

    def finish(self, invocation_id: str, outcome: str, body: bytes) -> tuple[int, str]:
        """The runtime is done with an event; the status of the API's answer, and a type of error."""
        invocation = self._in_hand.pop(invocation_id, None)
        if invocation is None:
            return 400, "InvalidRequestID"
        status, error = 202, ""
        if outcome == "error":
            invocation.fault = Fault.told(body)
        elif len(body) > LARGEST_ANSWER:
            status, error = 413, "RequestEntityTooLarge"
            message = f"Response payload size exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes)."
            invocation.fault = Fault("Function.ResponseSizeTooLarge", message)
        else:
            invocation.answer = body
        invocation.done_at = time.monotonic()
        invocation.answered.set()
        return status, error

    def _say_ready(self) -> None:
        if not self.ready.is_set():
            self.ready_at = time.monotonic()
            self.ready.set()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing for a runtime that was killed amid a request; whatever else is wrong is written."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def _handler(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # one packet an answer

        def do_GET(self) -> None:
            if self.path == f"{_RUNTIME}/restore/next":
                api.await_restoring()
                self._send(200, b"{}")
            elif self.path == f"{_RUNTIME}/invocation/next":
                invocation = api.next_invocation()
                if invocation is None:
                    self.close_connection = True
                else:
                    self._send(200, invocation.body, _headers(invocation))
            else:
                self._send(404, b"{}")

        def do_POST(self) -> None:
            body = self._body()
            posted = _POSTED.fullmatch(self.path)
            if posted is not None:
                status, error = api.finish(posted[1], posted[2], body)
                self._send(status, json.dumps({"errorType": error} if error else {"status": "OK"}).encode())
            elif self.path in {f"{_RUNTIME}/init/error", f"{_RUNTIME}/restore/error"}:
                api.refuse_start(body)
                self._send(202, b'{"status":"OK"}')
            else:
                self._send(404, b"{}")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base's
            """Nothing: what a runtime does is no news."""

        def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
            self.send_response(status)
            for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = b""
            while length := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(length)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass  # trailers
            return body

    return Handler


def _headers(invocation: Invocation) -> Mapping[str, str]:
    return {
        "Content-Type": "application/json",
        "Lambda-Runtime-Aws-Request-Id": invocation.id,
        "Lambda-Runtime-Deadline-Ms": str(int(invocation.deadline * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": _ARN,
        "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
    }
