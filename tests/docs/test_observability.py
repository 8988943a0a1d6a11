"""The page of what a deployment says of itself names every metric, member, attribute and check, and no other."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from colonnade.server.persisted import digest_of
from colonnade.telemetry.catalogue import METRICS
from colonnade.telemetry.measures import NO_MEASURES
from colonnade.telemetry.record import ASKERS, HAPPENINGS, PORTS, WAYS, Record, asked, working
from colonnade.telemetry.recording import Telemetry
from handlers import deep_health
from infra.observability import JsonLines
from infra.redaction import Redactor
from infra.traces import Traces

PAGE = (Path(__file__).parents[2] / "docs" / "observability.md").read_text()


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(text: str) -> list[list[str]]:
    """The cells of the rows of tables, without their heads."""
    cells = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| ")]
    stripped = [[cell.strip() for cell in row] for row in cells]
    return [row for row in stripped if row[0].startswith("`")]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def block(language: str) -> str:
    [found] = re.findall(rf"^```{language}\n(.*?)\n```$", section("Logs"), re.MULTILINE | re.DOTALL)
    return str(found)


def note_everything(record: Record) -> None:
    """A record that there is everything to say of."""
    record.operation, record.kind, record.document = "Price", "query", "0" * 16
    record.cost, record.asker, record.status, record.codes = 8, "nobody", 200, ["INTERNAL"]
    record.deprecated, record.happened = ["Query.old"], {"TasksDead": 1}
    record.bytes_in = record.bytes_out = record.items = record.failed = 1
    with working("trading"):
        for port in PORTS:
            asked(port, "get", 0.0)


@pytest.fixture
def whole() -> Record:
    record = Record("http")
    object.__setattr__(record, "cold", True)
    record.round_trips["store"] = 1
    record.plugins["trading"] = 0.1
    note_everything(record)
    return record


def line_of(fields: dict[str, Any]) -> dict[str, Any]:
    record = logging.makeLogRecord({"msg": "request", "levelname": "INFO", "fields": fields})
    read: dict[str, Any] = json.loads(JsonLines(Redactor()).format(record))
    return read


def test_every_metric_of_the_catalogue_has_its_row_and_every_row_its_metric() -> None:
    told = [(row[0].strip("`"), row[1], tuple(names(row[2])), row[3]) for row in rows(section("Metrics"))]
    assert told == [(one.name, one.unit, one.dimensions, one.says) for one in METRICS]


def test_every_member_of_the_line_of_a_request_is_explained_and_no_other(whole: Record) -> None:
    told = [name for row in rows(section("Logs")) for name in names(row[0])]
    of_every_line = {"time", "level", "logger", "message", "requestId", "exception", "stack"}
    assert len(told) == len(set(told))
    assert set(told) == of_every_line | set(whole.fields())
    assert set(line_of(dict(whole.fields()))) <= set(told)


@pytest.mark.parametrize(("member", "values"), [("way", WAYS), ("principal", ASKERS), ("roundTrips", PORTS)])
def test_every_value_of_a_closed_set_is_told(member: str, values: tuple[str, ...]) -> None:
    [says] = [row[1] for row in rows(section("Logs")) if member in names(row[0])]
    assert set(names(says)) == set(values)


def test_what_else_is_counted_is_a_metric() -> None:
    assert {row[0].strip("`") for row in rows(section("Metrics"))} >= set(HAPPENINGS)


def test_the_example_is_a_line_as_it_is_written(whole: Record) -> None:
    text = block("json")
    line = json.loads(text)
    fields = {name: line[name] for name in whole.fields() if name in line}
    again = line_of(fields)
    assert list(line) == [*list(again)[:4], "requestId", *list(again)[4:]]
    assert text == json.dumps(line, separators=(",", ":"))
    assert line["document"] == digest_of(block("graphql"))[:16]
    assert line["operation"] == "Price"


def test_every_attribute_of_a_span_is_explained_and_no_other() -> None:
    exporter = InMemorySpanExporter()
    traces = Traces(exporter, "bells/test")
    with Telemetry(NO_MEASURES, traces).recording("http") as record:
        note_everything(record)
    traces.flush()
    spans = exporter.get_finished_spans()
    told = {name for row in rows(section("Traces")) for name in names(row[0])}
    assert told == {name for span in spans for name in span.attributes or {}}
    kinds = {(span.name.partition(" ")[0], span.kind.name.lower()) for span in spans}
    tree = r"^(?:[├└]─ )?(\w+)(?: \w+)? +(server|internal|client|producer) "
    drawn = set(re.findall(tree, section("Traces"), re.MULTILINE))
    assert len(drawn) == 4
    assert drawn <= kinds


def test_every_check_of_the_platform_is_explained_as_the_code_does() -> None:
    ours = [row for row in rows(section("Health")) if row[0].startswith("`colonnade.")]
    assert ours == rows(deep_health.__doc__ or "")
