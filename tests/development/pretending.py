"""Servers on this machine that stand where the API or the node should be, and keep what they are asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[Any], tuple[int, Mapping[str, str], object]]


@dataclass
class Pretending:
    """`asked`: the bodies, in order; `headers`: of the last request."""

    url: str
    asked: list[Any] = field(default_factory=list[Any])
    headers: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def methods(self) -> list[str]:
        """Of JSON-RPC."""
        return [body["method"] for body in self.asked]


@contextmanager
def pretending(answer: Answer) -> Iterator[Pretending]:
    """A server that answers with a status, headers, and JSON (or text as it is)."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            server.asked.append(body)
            server.headers = {name.lower(): value for name, value in self.headers.items()}
            status, headers, content = answer(body)
            told = (content if isinstance(content, str) else json.dumps(content)).encode()
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(told))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_: object) -> None:
            """Not on the terminal of the tests."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server = Pretending(f"http://127.0.0.1:{listening.server_address[1]}")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()


def node(**answers: object) -> Answer:
    """A node that answers these methods."""

    def answer(body: Any) -> tuple[int, Mapping[str, str], object]:
        told: dict[str, object] = {"jsonrpc": "2.0", "id": body["id"]}
        if body["method"] in answers:
            return 200, {}, {**told, "result": answers[body["method"]]}
        return 200, {}, {**told, "error": {"code": -32601, "message": "there is no such method"}}

    return answer


def anvil(**answers: object) -> Answer:
    """A development node."""
    return node(**{"web3_clientVersion": "anvil/v1.4.0", "eth_chainId": hex(8453), **answers})
