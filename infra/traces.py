"""Traces of requests, as OpenTelemetry collectors take them (OTLP over HTTP): what happened when, and never a value.

A request is a span; below it is one for each time in which a plugin was at work, and one for each round trip. A task goes on
with the trace of what asked for it; a batch of the stream or of deliveries is linked to those that it follows from. Spans
are kept until `flush`, which is called before a function may be frozen, or until there are many.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Final, cast

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from colonnade.telemetry.record import LONGEST_NAME, PORTS, Port, Record

SECONDS: Final = 1.0
"""How long a collector may take."""

REST: Final = 30.0
"""Seconds in which one that failed is told nothing."""

MOST: Final = 2_048
"""Spans that wait; of more the oldest are forgotten."""

MANY: Final = 512
"""Spans that are sent without waiting for a `flush`, as in a shift at a chain."""

_TRACEPARENT: Final = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_BROUGHT: Final = {"deliver", "stream", "task", "job"}
_CALLED: Final = {"store", "chain", "http"}

_log = logging.getLogger(__name__)


def exporter_to(endpoint: str, headers: Mapping[str, str]) -> SpanExporter:
    """What sends spans to the collector at `endpoint`, a URL below which it takes `/v1/traces`."""
    return OTLPSpanExporter(
        endpoint=f"{endpoint.rstrip('/')}/v1/traces", headers=dict(headers), timeout=SECONDS
    )


class Traces:
    """An `Observer` that makes spans; safe to use from several threads, and never fails.

    `service`: what the spans are of; `ratio`: how many requests are traced, from 0 to 1, whatever clients ask for;
    `now`: seconds, monotonic.
    """

    def __init__(
        self,
        exporter: SpanExporter,
        service: str,
        ratio: float = 1.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kept: Final = _Kept(exporter, now)
        limits = SpanLimits(max_span_attribute_length=LONGEST_NAME)
        # A resource of its own: the default one reads the environment and looks at the machine.
        provider = TracerProvider(
            sampler=TraceIdRatioBased(ratio),
            resource=Resource({"service.name": service}),
            span_limits=limits,
            shutdown_on_exit=False,
        )
        provider.add_span_processor(self._kept)
        self._tracer: Final = provider.get_tracer("colonnade")
        self._parents: Final = TraceContextTextMapPropagator()

    def began(self, record: Record) -> None:
        """See `Observer.began`. A `traceparent` that the client sent becomes the parent."""
        parent = None if record.traceparent is None else self._context(record.traceparent)
        kind = SpanKind.CONSUMER if record.way in _BROUGHT else SpanKind.SERVER
        span = self._tracer.start_span(
            record.way, parent, kind, {"colonnade.way": record.way}, start_time=time.time_ns()
        )
        record.trace = span
        if span.is_recording():
            carried: dict[str, str] = {}
            self._parents.inject(carried, trace.set_span_in_context(span))
            record.passed_on = carried["traceparent"]

    def worked(self, record: Record, plugin: str, began: float, ended: float) -> None:
        """See `Observer.worked`."""
        self._below(record, plugin, SpanKind.INTERNAL, {"colonnade.plugin": plugin}, began, ended)

    def asked(self, record: Record, port: Port, operation: str, began: float, ended: float) -> None:
        """See `Observer.asked`."""
        assert port in PORTS
        kind = SpanKind.CLIENT if port in _CALLED else SpanKind.PRODUCER
        attributes = {"colonnade.port": port, "colonnade.asked": operation}
        self._below(record, f"{port} {operation}", kind, attributes, began, ended)

    def ended(self, record: Record) -> None:
        """See `Observer.ended`."""
        span = cast(Span, record.trace)
        name = (record.operation or "")[:LONGEST_NAME]
        span.update_name(" ".join(part for part in (record.kind or record.way, name) if part))
        told: dict[str, AttributeValue | None] = {
            "colonnade.operation": name or None,
            "colonnade.kind": record.kind,
            "colonnade.document": record.document,
            "colonnade.cost": record.cost,
            "colonnade.principal": record.asker,
            "colonnade.codes": tuple(record.codes) or None,
            "http.response.status_code": record.status,
        }
        span.set_attributes({key: value for key, value in told.items() if value is not None})
        for traceparent in record.follows:
            if (context := self._context(traceparent)) is not None:
                span.add_link(trace.get_current_span(context).get_span_context())
        if record.codes:
            span.set_status(Status(StatusCode.ERROR))
        span.end()

    def flush(self) -> None:
        """See `Observer.flush`."""
        self._kept.send()

    def _context(self, traceparent: str) -> Context | None:
        """What a traceparent names; None for what is none."""
        if not _TRACEPARENT.fullmatch(traceparent):
            return None
        return self._parents.extract({"traceparent": traceparent})

    def _below(
        self,
        record: Record,
        name: str,
        kind: SpanKind,
        attributes: Mapping[str, AttributeValue],
        began: float,
        ended: float,
    ) -> None:
        zero = time.time_ns() - time.perf_counter_ns()
        parent = trace.set_span_in_context(cast(Span, record.trace))
        span = self._tracer.start_span(name, parent, kind, attributes, start_time=zero + round(began * 1e9))
        span.end(zero + round(ended * 1e9))


class _Kept(SpanProcessor):
    """Spans that have ended and are to be sent, together."""

    def __init__(self, exporter: SpanExporter, now: Callable[[], float]) -> None:
        self._exporter: Final = exporter
        self._now: Final = now
        self._spans: deque[ReadableSpan] = deque(maxlen=MOST)
        self._sending: Final = threading.Lock()
        self._rests_until = float("-inf")

    def on_end(self, span: ReadableSpan) -> None:
        """See `SpanProcessor.on_end`."""
        self._spans.append(span)
        if len(self._spans) == MANY:
            # The loop of whoever works is not to wait for a collector.
            threading.Thread(target=self.send, daemon=True).start()

    def send(self) -> None:
        """Send what there is, unless somebody does so just now; what cannot be sent is forgotten."""
        if not self._sending.acquire(blocking=False):
            return
        try:
            taken = self._taken()
            if not taken or self._now() < self._rests_until:
                return
            if self._exporter.export(taken) is not SpanExportResult.SUCCESS:
                self._rest()
        except Exception:
            _log.debug("A collector of traces", exc_info=True)
            self._rest()
        finally:
            self._sending.release()

    def _taken(self) -> Sequence[ReadableSpan]:
        taken: list[ReadableSpan] = []
        while self._spans:
            taken.append(self._spans.popleft())
        return taken

    def _rest(self) -> None:
        self._rests_until = self._now() + REST
        _log.warning("The collector of traces does not take them; it is told nothing for %.0f s", REST)
