"""What is computed and drawn from a measured fan-out; nothing here looks at a time."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from benchmarks.fan_out import costing, picture, tables
from benchmarks.fan_out.delivering import Delivered


def of(kind: str, subscribers: int, cpu: float) -> Delivered:
    shared = kind == "shared"
    executions = 1 if shared else subscribers
    reads, batches = (2, 0) if shared else (1, subscribers // 100)
    pages = subscribers // 500 + 1
    return Delivered(kind, subscribers, cpu, executions, subscribers, reads, batches, pages + 1, pages, 80.0)


FOUND = [of(kind, size, size * 0.002) for kind in ("shared", "distinct") for size in (100, 1_000, 10_000)]


def test_a_million_posts_cost_a_dollar_and_what_computes_them_follows_the_cpu() -> None:
    once = costing.cost(of("shared", 10_000, 20.0), 10**6)
    twice = costing.cost(of("shared", 10_000, 40.0), 10**6)

    assert once.workers == 64
    assert once.dollars["posts"] == pytest.approx(1.0)
    # 2,000 s of a processor, of which a function of 1 GB has 0.58.
    assert once.dollars["Lambda"] == pytest.approx(2_000 / (1_024 / 1_769) * 0.0000133334, rel=0.001)
    assert twice.dollars["Lambda"] == pytest.approx(2 * once.dollars["Lambda"], rel=0.001)
    assert twice.seconds == pytest.approx(2 * once.seconds)


def test_waiting_for_the_gateway_is_paid_where_computing_is_faster() -> None:
    made = costing.cost(of("shared", 10_000, 0.001), 10**6)
    assert made.seconds * made.workers == pytest.approx(10**6 * 0.020 / 32)


def test_distinct_principals_add_a_read_for_each() -> None:
    shared, distinct = (costing.cost(of(kind, 10_000, 20.0), 10**7) for kind in ("shared", "distinct"))
    assert distinct.dollars["DynamoDB"] - shared.dollars["DynamoDB"] == pytest.approx(1.25, rel=0.001)
    assert distinct.total > shared.total > 10.0


def test_the_tables_have_what_was_measured_and_what_was_computed() -> None:
    assert "| 10,000 | distinct principals | 20.00 | 2.00 | 10,000 | 10,000 | 1 | 100 | 22 |" in tables.curve(
        FOUND
    )
    rows = tables.costs(FOUND).splitlines()[2:]
    assert [row.split(" | ")[0] for row in rows] == ["| 1,000,000"] * 2 + ["| 10,000,000"] * 2


def test_the_picture_has_a_point_for_each_measurement_in_both_panels() -> None:
    root = ET.fromstring(picture.drawn(FOUND))
    circles = root.findall("{http://www.w3.org/2000/svg}circle")
    assert len(circles) == 2 * len(FOUND) + 2
    assert root.get("aria-label")
