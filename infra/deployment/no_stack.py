"""A CloudFormation that knows no stack, which is all that rendering asks of one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

# osls wants to know whether the last deployment had the same layer; without credentials there is nobody to ask.
_ANSWER: Final = (
    b'<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>'
    b"<Code>ValidationError</Code><Message>Stack with id colonnade does not exist</Message></Error>"
    b"<RequestId>0</RequestId></ErrorResponse>"
)


class _NoStack(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response(400)
        self.send_header("content-type", "text/xml")
        self.send_header("content-length", str(len(_ANSWER)))
        self.end_headers()
        self.wfile.write(_ANSWER)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def no_stack() -> Iterator[str]:
    """Within the block, its URL."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _NoStack) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
