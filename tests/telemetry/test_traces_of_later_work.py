"""Work that a traced request puts off goes on with its trace, or is linked to it: tasks, the stream, deliveries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from colonnade.outbox import OUTBOX
from colonnade.queues import Message
from colonnade.store import Put
from colonnade.testing import MemoryStore
from colonnade.testing.memory_queue import MemoryQueue
from colonnade.work.rows import TASK
from handlers import runtime
from handlers.deliver import DeliverHandler
from handlers.jobs import JobsHandler
from handlers.stream import StreamHandler
from infra.traces import Traces
from tests.handlers.test_queue_handlers import queue_event
from tests.telemetry.every_way import Scene, scene
from tests.telemetry.test_one_line_a_request import ask, bell_record, json_of
from tests.telemetry.test_traces import PARENT


class Traced:
    """A scene whose spans are kept."""

    def __init__(self, told: Scene, traces: Traces, exporter: InMemorySpanExporter) -> None:
        self.told, self._traces, self._exporter = told, traces, exporter

    def ring(self, **headers: str) -> ReadableSpan:
        """Ask for the mutation; its span."""
        assert "errors" not in json.loads(ask(self.told, {"query": "mutation { ring }"}, **headers)["body"])
        return self.root()

    def rows(self) -> list[dict[str, Any]]:
        """The rows that were written, as the stream brings them."""
        store = self.told.application.adapters.store
        assert isinstance(store, MemoryStore)
        pages = [runtime.run(store.scan(entity, after=None, limit=10)) for entity in (OUTBOX, TASK)]
        items = [item for page in pages for item in page.items]
        return [bell_record(Put(item), str(number)) for number, item in enumerate(items)]

    def carry(self) -> ReadableSpan:
        StreamHandler(self.told.application)(json_of({"Records": self.rows()}))
        return self.root()

    def waiting(self) -> tuple[Sequence[Message], Sequence[Message]]:
        """What the stream put into the queues of deliveries and of jobs."""
        queues = self.told.application.adapters.queues
        assert isinstance(queues.deliveries, MemoryQueue)
        assert isinstance(queues.jobs, MemoryQueue)
        return queues.deliveries.take(), queues.jobs.take()

    def root(self) -> ReadableSpan:
        """The newest span that is below none of this process."""
        self._traces.flush()
        found = [span for span in self._exporter.get_finished_spans() if span.name in NAMES]
        return found[-1]


NAMES = {"mutation", "stream", "task scene.toil", "deliver"}


@pytest.fixture
def traced() -> Iterator[Traced]:
    exporter = InMemorySpanExporter()
    traces = Traces(exporter, "bells/test")
    with scene(traces) as told:
        yield Traced(told, traces, exporter)


def place(span: ReadableSpan) -> tuple[int, int]:
    assert span.context is not None
    return span.context.trace_id, span.context.span_id


def links(span: ReadableSpan) -> list[tuple[int, int]]:
    return [(link.context.trace_id, link.context.span_id) for link in span.links]


def carried(message: Message) -> tuple[int, int]:
    _, trace, span, _ = message.body["traceparent"].split("-")
    return int(trace, 16), int(span, 16)


def test_a_task_goes_on_with_the_trace_of_the_request_that_asked_for_it(traced: Traced) -> None:
    request = traced.ring(traceparent=PARENT)
    traced.carry()
    _, [message] = traced.waiting()
    assert carried(message) == place(request)
    JobsHandler(traced.told.application)(queue_event(message.body))
    task = traced.root()
    assert task.name == "task scene.toil"
    assert task.kind.name == "CONSUMER"
    assert task.parent is not None
    assert (task.parent.trace_id, task.parent.span_id) == place(request)
    assert f"{task.parent.trace_id:032x}" == PARENT.split("-")[1]


def test_the_stream_and_the_delivery_of_an_event_are_linked_to_the_request_that_recorded_it(
    traced: Traced,
) -> None:
    request = traced.ring()
    stream = traced.carry()
    assert stream.name == "stream"
    assert links(stream) == [place(request)]
    [message], _ = traced.waiting()
    assert carried(message) == place(request)
    application = traced.told.application
    DeliverHandler(
        application.deliver,
        application.adapters.queues.deliveries,
        application.relay.handling.dead,
        application.telemetry,
    )(queue_event(message.body))
    delivery = traced.root()
    assert delivery.name == "deliver"
    assert links(delivery) == [place(request)]


def test_a_batch_is_linked_to_each_request_whose_work_is_in_it(traced: Traced) -> None:
    requests = [traced.ring(), traced.ring()]
    assert sorted(links(traced.carry())) == sorted(map(place, requests))


@pytest.mark.parametrize("given", [7, "", "00-nonsense", "x" * 10_000, None])
def test_what_is_no_trace_in_a_message_begins_one(traced: Traced, given: object) -> None:
    JobsHandler(traced.told.application)(queue_event({"job": "scene.toil", "traceparent": given}))
    traced._traces.flush()
    [span] = [one for one in traced._exporter.get_finished_spans() if one.name == "job scene.toil"]
    assert span.parent is None


def test_nothing_is_carried_where_nothing_is_traced() -> None:
    exporter = InMemorySpanExporter()
    traces = Traces(exporter, "bells/test", 0.0)
    with scene(traces) as told:
        traced = Traced(told, traces, exporter)
        ask(told, {"query": "mutation { ring }"}, traceparent=PARENT)
        assert "traceparent" not in json.dumps(traced.rows())
        StreamHandler(told.application)(json_of({"Records": traced.rows()}))
        deliveries, jobs = traced.waiting()
        assert all("traceparent" not in message.body for message in (*deliveries, *jobs))
        assert len(deliveries) == len(jobs) == 1
