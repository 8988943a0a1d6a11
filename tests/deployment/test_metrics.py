"""What the resources look at is told by the code, and what the code tells is in its catalogue."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from colonnade.indexing.reporting import METRIC, REBUILD
from colonnade.telemetry.catalogue import METRICS, Metric
from colonnade.telemetry.record import HAPPENINGS, WAYS
from colonnade.telemetry.recording import ROUND_TRIPS
from infra.local.toolchain import ROOT
from tests.deployment.template import Json, Template

KNOWN = {metric.name: metric for metric in METRICS}
VALUES: dict[str, set[str]] = {"way": set(WAYS), "blame": {"client", "platform"}}
"""What the closed dimensions may be; `handler` and `projection` are names that plugins declare."""
NAMED_ELSEWHERE = {*HAPPENINGS, *ROUND_TRIPS.values(), METRIC, REBUILD}


def counted() -> Iterator[tuple[Path, ast.Call]]:
    """Every call in the code that tells a metric."""
    for folder in ("sdk/src", "handlers", "infra", "plugins"):
        for file in (ROOT / folder).rglob("*.py"):
            text = file.read_text()
            if "measures.count(" not in text:
                continue
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("measures.count"):
                    yield file, node


def ours(template: Template) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every metric of our namespace that an alarm or the dashboard looks at: where, its name, its dimensions."""
    for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items():
        looks = [alarm] if "MetricName" in alarm else []
        looks += [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one]
        for look in looks:
            if not look["Namespace"].startswith("AWS/"):
                assert re.fullmatch(r"colonnade/(dev|prod)", look["Namespace"])
                yield (
                    name,
                    look["MetricName"],
                    {one["Name"]: one["Value"] for one in look.get("Dimensions", ())},
                )
    [dashboard] = template.of_type("AWS::CloudWatch::Dashboard").values()
    for widget in json.loads(dashboard["DashboardBody"]["Fn::Sub"])["widgets"]:
        for row in whole(widget["properties"]["metrics"]):
            if not row[0].startswith("AWS/"):
                yield "Dashboard", row[1], dict(zip(row[2::2], row[3::2], strict=True))


def whole(rows: list[Json]) -> Iterator[list[str]]:
    """The rows of a widget with what CloudWatch takes from the row before: `.` one part, `...` all but the last."""
    before: list[str] = []
    for row in rows:
        named = [part for part in row if isinstance(part, str)]
        if named[:1] == ["..."]:
            named = before[: len(before) - len(named) + 1] + named[1:]
        else:
            named = [before[place] if part == "." else part for place, part in enumerate(named)]
        before = named
        yield named


def filtered(template: Template) -> set[str]:
    """The metrics that filters of the logs make."""
    return {
        transformation["MetricName"]
        for found in template.of_type("AWS::Logs::MetricFilter").values()
        for transformation in found["MetricTransformations"]
    }


def test_every_metric_of_ours_that_is_looked_at_is_told_with_the_dimensions_it_is_looked_at_by(
    template: Template,
) -> None:
    looked_at = list(ours(template))
    assert len(looked_at) > 40
    for where, name, dimensions in looked_at:
        if name in filtered(template):
            assert dimensions == {}
            continue
        assert name in KNOWN, f"{where} looks at {name}, which nobody tells"
        assert set(dimensions) in (set(), set(KNOWN[name].dimensions)), (where, name)
        for key, value in dimensions.items():
            assert value in VALUES[key], (where, name)


def test_every_metric_of_the_catalogue_is_shown_by_the_dashboard(template: Template) -> None:
    assert {name for where, name, _ in ours(template) if where == "Dashboard"} >= set(KNOWN)


def test_what_the_code_tells_is_in_the_catalogue_with_its_unit_and_dimensions_and_nothing_else_is() -> None:
    told = set(NAMED_ELSEWHERE)
    calls = list(counted())
    assert len(calls) > 10
    for file, call in calls:
        name, _, unit = call.args
        keys = {str(keyword.arg) for keyword in call.keywords}
        if not isinstance(name, ast.Constant):
            assert ast.unparse(name) in {"name", "ROUND_TRIPS[port]"}, file  # one of `NAMED_ELSEWHERE`
            continue
        metric = KNOWN[str(name.value)]
        told.add(metric.name)
        assert isinstance(unit, ast.Constant)
        assert unit.value == metric.unit
        assert keys == set(metric.dimensions), metric.name
    assert told == set(KNOWN)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_says_what_it_is_in_a_unit_of_cloudwatch(metric: Metric) -> None:
    assert metric.unit in {"Count", "Milliseconds"}
    assert len(metric.says) > 20
    assert len(metric.dimensions) <= 1  # series multiply with each


def test_every_function_is_told_the_namespace_that_alarms_look_at(template: Template) -> None:
    for function in template.of_type("AWS::Lambda::Function").values():
        variables = function.get("Environment", {}).get("Variables", {})
        if "COLONNADE_TABLE" in variables:
            assert re.fullmatch(r"colonnade/(dev|prod)", variables["COLONNADE_METRICS_NAMESPACE"])


def test_the_page_of_operations_says_of_every_alarm_what_to_do(template: Template) -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    for name, alarm in template.of_type("AWS::CloudWatch::Alarm").items():
        ending = re.sub(
            "^(Http|Websocket|Stream|Deliver|Jobs|Watch)(?=(LogsErrors|Errors|Throttles)$)", "…", name
        )
        assert f"`{ending}`" in page, f"docs/operations.md has no row for {name}"
        for named in re.findall(r"docs/[a-z/-]+\.md", alarm["AlarmDescription"]):
            assert (ROOT / named).exists(), f"{name} names {named}"
