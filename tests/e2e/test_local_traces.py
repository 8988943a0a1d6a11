"""`COLONNADE_TRACES_ENDPOINT=… make dev` sends each request's spans to a collector on this machine, and soon."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.e2e.stack import PATIENCE, running

pytestmark = [pytest.mark.onchain, pytest.mark.dynamodb_local]

TRACE = "0af7651916cd43dd8448eb211c80319c"


@contextmanager
def collector() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Where it listens, and the names of what it is sent, each with its trace."""
    taken: list[tuple[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = ExportTraceServiceRequest()
            sent.ParseFromString(self.rfile.read(int(self.headers["content-length"])))
            scopes = (scope for resource in sent.resource_spans for scope in resource.scope_spans)
            spans = [(span.name, span.trace_id.hex()) for scope in scopes for span in scope.spans]
            taken.extend(spans if self.path == "/v1/traces" else ())
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", taken
        server.shutdown()


def test_spans_of_a_request_to_make_dev_arrive_at_the_collector(tmp_path: Path) -> None:
    with (
        collector() as (url, taken),
        running(tmp_path, {"COLONNADE_TRACES_ENDPOINT": url}) as stack,
        stack.reading(),
    ):
        asked = HTTPConnection("127.0.0.1", stack.port, timeout=PATIENCE)
        headers = {"content-type": "application/json", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
        asked.request(
            "POST",
            "/graphql",
            '{"query": "query Listed { tokens(first: 3) { edges { node { symbol } } } }"}',
            headers,
        )
        assert asked.getresponse().status == 200
        asked.close()
        deadline = time.monotonic() + PATIENCE
        while ("query Listed", TRACE) not in taken:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert ("trading", TRACE) in taken
