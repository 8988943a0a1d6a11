"""What a collector of OpenTelemetry is sent: the official messages, over HTTP, from an application that runs."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from colonnade.telemetry.measures import NO_MEASURES
from colonnade.telemetry.record import asked, working
from colonnade.telemetry.recording import Telemetry
from handlers.http import HttpHandler
from infra.traces import MANY, MOST, REST, Traces, exporter_to
from tests.handlers.sample import event
from tests.telemetry.every_way import CANARY, scene

SAID = "query Said($words: String!) { said(words: $words) }"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class Collector:
    """What a collector got."""

    endpoint: str = ""
    got: list[tuple[str, dict[str, str], ExportTraceServiceRequest]] = field(default_factory=list[Any])

    def spans(self) -> dict[str, Span]:
        return {
            span.name: span
            for _, _, request in self.got
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


@contextmanager
def collecting(status: int = 200) -> Iterator[Collector]:
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            collector.got.append((self.path, headers, ExportTraceServiceRequest.FromString(body)))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def attributes(span: Span) -> dict[str, Any]:
    return {pair.key: getattr(pair.value, str(pair.value.WhichOneof("value"))) for pair in span.attributes}


def test_a_query_is_a_span_with_its_plugin_and_its_read_below() -> None:
    with collecting() as collector:
        traces = Traces(exporter_to(collector.endpoint, {"x-key": "abc"}), "bells/test")
        with scene(traces) as told:
            body = json.dumps({"query": SAID, "variables": {"words": CANARY}})
            headers = {"content-type": "application/json", "traceparent": PARENT, "x-note": CANARY}
            HttpHandler(told.application)(event(body=body, headers=headers))
            traces.flush()
            line = told.line()
    [(path, sent, request)] = collector.got
    assert (path, sent["x-key"]) == ("/v1/traces", "abc")
    assert CANARY.encode() not in request.SerializeToString()
    [of] = request.resource_spans
    assert [(pair.key, pair.value.string_value) for pair in of.resource.attributes] == [
        ("service.name", "bells/test")
    ]
    spans = collector.spans()
    assert set(spans) == {"query Said", "scene", "store get_item"}
    root = spans["query Said"]
    assert (root.trace_id.hex(), root.parent_span_id.hex()) == tuple(PARENT.split("-")[1:3])
    assert root.kind is Span.SPAN_KIND_SERVER
    assert attributes(root) == {
        "colonnade.way": "http",
        "colonnade.operation": "Said",
        "colonnade.kind": "query",
        "colonnade.document": line["document"],
        "colonnade.cost": line["cost"],
        "colonnade.principal": "nobody",
        "http.response.status_code": 200,
    }
    for name in ("scene", "store get_item"):
        below = spans[name]
        assert below.parent_span_id == root.span_id
        assert root.start_time_unix_nano <= below.start_time_unix_nano
        assert below.start_time_unix_nano <= below.end_time_unix_nano <= root.end_time_unix_nano
    assert attributes(spans["store get_item"]) == {"colonnade.port": "store", "colonnade.asked": "get_item"}


def test_what_fails_is_a_span_with_its_code() -> None:
    exporter = InMemorySpanExporter()
    traces = Traces(exporter, "bells/test")
    with scene(traces) as told:
        HttpHandler(told.application)(
            event(
                body={"query": f'{{ refused(words: "{CANARY}") }}'},
                headers={"content-type": "application/json"},
            )
        )
        traces.flush()
    [span] = [span for span in exporter.get_finished_spans() if span.parent is None]
    assert span.attributes is not None
    assert span.attributes["colonnade.codes"] == ("BAD_REQUEST",)
    assert span.status.status_code.value == Status.STATUS_CODE_ERROR
    assert CANARY not in "".join(span.to_json() for span in exporter.get_finished_spans())


@pytest.mark.parametrize("given", [CANARY, "00-" + "0" * 32 + "-" + "0" * 16 + "-01", PARENT + "\n", ""])
def test_what_is_no_parent_begins_a_trace(given: str) -> None:
    exporter = InMemorySpanExporter()
    traces = Traces(exporter, "bells/test")
    with Telemetry(NO_MEASURES, traces).recording("http", traceparent=given):
        pass
    traces.flush()
    [span] = exporter.get_finished_spans()
    assert span.parent is None


def record(telemetry: Telemetry, times: int = 1) -> None:
    for _ in range(times):
        with telemetry.recording("tick"), working("bells"):
            asked("store", "query", 0.0)


@pytest.mark.parametrize("ratio", [0.0, 1.0])
def test_no_more_is_traced_than_was_chosen_whatever_a_client_asks_for(ratio: float) -> None:
    exporter = InMemorySpanExporter()
    traces = Traces(exporter, "bells/test", ratio)
    with Telemetry(NO_MEASURES, traces).recording("http", traceparent=PARENT), working("bells"):
        pass
    traces.flush()
    assert len(exporter.get_finished_spans()) == 2 * ratio


def test_a_collector_that_fails_is_left_in_peace_for_a_while() -> None:
    now = [0.0]
    with collecting(status=400) as collector:
        traces = Traces(exporter_to(collector.endpoint, {}), "bells/test", now=lambda: now[0])
        telemetry = Telemetry(NO_MEASURES, traces)
        for at, asked_so_far in ((0.0, 1), (REST - 1, 1), (REST, 2)):
            now[0] = at
            record(telemetry)
            traces.flush()
            assert len(collector.got) == asked_so_far


def test_a_collector_that_is_not_there_fails_no_request() -> None:
    with collecting() as collector:
        pass
    traces = Traces(exporter_to(collector.endpoint, {}), "bells/test")
    record(Telemetry(NO_MEASURES, traces))
    traces.flush()
    record(Telemetry(NO_MEASURES, traces), MOST)
    traces.flush()


class Slow(InMemorySpanExporter):
    """Takes spans once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.may_end = Event(), Event()
        self.first = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.first = self.first or len(spans)
        self.began.set()
        assert self.may_end.wait(60)
        return super().export(spans)


def test_many_spans_are_sent_before_anybody_flushes_and_of_too_many_the_oldest_are_forgotten() -> None:
    exporter = Slow()
    traces = Traces(exporter, "bells/test")
    telemetry = Telemetry(NO_MEASURES, traces)
    record(telemetry, MANY)
    assert exporter.began.wait(60), "a third of these are enough"
    record(telemetry, MOST)
    exporter.may_end.set()
    while len(exporter.get_finished_spans()) < exporter.first + MOST:
        traces.flush()
    assert len(exporter.get_finished_spans()) == exporter.first + MOST


def test_nothing_of_opentelemetry_is_imported_where_no_collector_is_named() -> None:
    program = (
        "import sys; import handlers.runtime, handlers.adapters, handlers.http, handlers.jobs;"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]"
    )
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=True, timeout=60)
