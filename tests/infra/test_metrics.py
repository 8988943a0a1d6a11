"""Numbers become lines that CloudWatch reads, by the rules of its Embedded Metric Format."""

from __future__ import annotations

import json
import re
from threading import Thread
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.metrics import LONGEST, MOST_METRICS, MOST_SERIES, MOST_VALUES, EmbeddedMetrics

UNITS = re.compile(
    "(Seconds|Microseconds|Milliseconds|(Kilo|Mega|Giga|Tera)?(B|b)(ytes|its)(/Second)?|Percent|Count(/Second)?|None)"
)

Numbers = tuple[str, float, dict[str, str]]


def written(numbers: list[Numbers], now: float = 1_700_000_000.0) -> list[Any]:
    lines: list[str] = []
    metrics = EmbeddedMetrics("bells/test", lines.append, lambda: now)
    for name, value, dimensions in numbers:
        metrics.count(name, value, "Count", **dimensions)
    metrics.flush()
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    return [json.loads(line) for line in lines]


def check(document: Any) -> None:
    """The rules of the published schema, and what the specification says beside it."""
    assert isinstance(document["_aws"]["Timestamp"], int)
    for directive in document["_aws"]["CloudWatchMetrics"]:
        assert 1 <= len(directive["Namespace"]) <= 255
        assert len(directive["Dimensions"]) >= 1
        for keys in directive["Dimensions"]:
            assert len(keys) <= 9  # the older limit; 30 today
            assert all(1 <= len(document[key]) <= 255 for key in keys)
        assert 1 <= len(directive["Metrics"]) <= 100
        for metric in directive["Metrics"]:
            assert 1 <= len(metric["Name"]) <= 255
            assert UNITS.fullmatch(metric["Unit"])
            value = document[metric["Name"]]
            values = value if isinstance(value, list) else [value]
            assert 1 <= len(values) <= 100
            assert all(isinstance(one, int | float) for one in values)
    assert len(json.dumps(document)) < 256 * 1024


def told(documents: list[Any]) -> dict[tuple[str, tuple[tuple[str, str], ...]], list[float]]:
    """What CloudWatch extracts: the values of each series."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], list[float]] = {}
    for document in documents:
        for directive in document["_aws"]["CloudWatchMetrics"]:
            for metric in directive["Metrics"]:
                value = document[metric["Name"]]
                for keys in directive["Dimensions"]:
                    series = metric["Name"], tuple((key, document[key]) for key in keys)
                    found.setdefault(series, []).extend(value if isinstance(value, list) else [value])
    return found


def test_what_one_request_takes_is_one_line_told_by_its_way_and_as_a_whole() -> None:
    [line] = written([("Requests", 1, {"way": "http"}), ("RequestCost", 12, {"way": "http"})])
    assert line == {
        "_aws": {
            "Timestamp": 1_700_000_000_000,
            "CloudWatchMetrics": [
                {
                    "Namespace": "bells/test",
                    "Dimensions": [[], ["way"]],
                    "Metrics": [
                        {"Name": "Requests", "Unit": "Count"},
                        {"Name": "RequestCost", "Unit": "Count"},
                    ],
                }
            ],
        },
        "way": "http",
        "Requests": 1,
        "RequestCost": 12,
    }


def test_two_values_of_a_dimension_take_two_lines_and_add_up_without_it() -> None:
    lines = written([("Requests", 1, {"way": "http"}), ("Requests", 2, {"way": "socket"})])
    assert len(lines) == 2
    assert told(lines) == {
        ("Requests", ()): [1, 2],
        ("Requests", (("way", "http"),)): [1],
        ("Requests", (("way", "socket"),)): [2],
    }


def test_nothing_is_written_where_nothing_was_measured() -> None:
    assert written([]) == []


names = st.sampled_from([f"Metric{number}" for number in range(130)])
ways = st.fixed_dictionaries(
    {}, optional={"way": st.sampled_from("abc"), "kind": st.sampled_from(["x", "y/z", "a:b"])}
)


@given(st.lists(st.tuples(names, st.integers(-(10**9), 10**12), ways), max_size=400))
def test_every_number_is_told_once_by_its_series_and_once_as_a_whole_within_the_rules(
    numbers: list[Numbers],
) -> None:
    documents = written(numbers)
    for document in documents:
        check(document)
    expected: dict[tuple[str, tuple[tuple[str, str], ...]], list[float]] = {}
    for name, value, dimensions in numbers:
        expected.setdefault((name, ()), []).append(value)
        if dimensions:
            expected.setdefault((name, tuple(sorted(dimensions.items()))), []).append(value)
    found = told(documents)
    assert {series: sorted(values) for series, values in found.items()} == {
        series: sorted(values) for series, values in expected.items()
    }


def test_the_same_series_again_are_told_with_their_own_numbers() -> None:
    lines: list[str] = []
    metrics = EmbeddedMetrics("bells/test", lines.append)
    for number in (1, 2):
        metrics.count("Requests", number, "Count", way="http")
        metrics.count("Requests", 10 * number, "Count", way="socket")
        metrics.count("ColdStarts", 100 * number, "Count")
        metrics.flush()
        documents = [json.loads(line) for line in lines]
        lines.clear()
        assert told(documents) == {
            ("Requests", ()): [number, 10 * number],
            ("Requests", (("way", "http"),)): [number],
            ("Requests", (("way", "socket"),)): [10 * number],
            ("ColdStarts", ()): [100 * number],
        }


def test_an_integer_beyond_64_bits_is_told_as_it_is() -> None:
    assert told(written([("Requests", 2**70, {})])) == {("Requests", ()): [2**70]}


def test_a_hundred_metrics_and_a_hundred_values_are_what_a_line_takes() -> None:
    many = written([(f"Metric{number}", 1, {}) for number in range(MOST_METRICS + 1)])
    assert len(many) == 2
    long = written([("Requests", number, {}) for number in range(2 * MOST_VALUES + 1)])
    assert [len(document["Requests"]) for document in long[:2]] == [MOST_VALUES] * 2
    for document in (*many, *long):
        check(document)


def test_names_without_end_are_told_without_their_dimension() -> None:
    found = told(written([("Requests", 1, {"handler": f"made-up-{n}"}) for n in range(10 * MOST_SERIES)]))
    assert len(found) == MOST_SERIES + 1
    assert sum(found["Requests", ()]) == 10 * MOST_SERIES


def test_what_is_no_plain_name_is_no_dimension() -> None:
    texts = ["", "two words", "x" * 101, "a\nb", '"quoted"', "naïve"]
    assert set(told(written([("Requests", 1, {"way": text}) for text in texts]))) == {("Requests", ())}


@pytest.mark.parametrize("coordinate", ["Query.old", "Query.pools(old:)", "@shown(old:)"])
def test_each_kind_of_coordinate_is_a_dimension(coordinate: str) -> None:
    written_for = written([("DeprecatedUses", 1, {"coordinate": coordinate})])
    assert ("DeprecatedUses", (("coordinate", coordinate),)) in told(written_for)


def test_numbers_are_told_after_a_minute_where_no_invocation_ends() -> None:
    lines: list[str] = []
    seconds = [0.0]
    metrics = EmbeddedMetrics("bells/test", lines.append, lambda: seconds[0])
    metrics.count("Requests", 1, "Count")
    assert lines == []
    seconds[0] = LONGEST
    metrics.count("Requests", 1, "Count")
    assert [json.loads(line)["Requests"] for line in lines] == [[1, 1]]


def test_threads_lose_nothing() -> None:
    lines: list[str] = []
    metrics = EmbeddedMetrics("bells/test", lines.append)

    def count() -> None:
        for _ in range(500):
            metrics.count("Requests", 1, "Count", way="http")
            metrics.flush()

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(told([json.loads(line) for line in lines])["Requests", ()]) == 2_000
