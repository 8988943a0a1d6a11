"""What a million requests cost, computed from measured figures; nothing here looks at a time."""

from __future__ import annotations

import dataclasses
import json

import pytest

from benchmarks import costing
from benchmarks.peers import sample
from benchmarks.rounds import Figure

TAKEN = {
    "small": 0.001,
    "list-100": 0.002,
    "compressed": 0.003,
    "related": 0.004,
    "get": 0.0005,
    "query": 0.001,
    "batch": 0.002,
    "cold": 0.5,
}
FIGURES = {key: [Figure("Colonnade", [cpu], 1.0), Figure("other", [9.0], 9.0)] for key, cpu in TAKEN.items()}


def test_a_small_request_is_billed_its_cpu_at_the_functions_share_of_a_processor_and_what_it_waits() -> None:
    small = costing.cost(costing.WORK[0], FIGURES)
    assert small.cpu == pytest.approx(0.0015)
    # 1.5 ms of a processor are 2.6 ms of a function of 1 GB, and 5 ms are a round trip: 7.6, billed as 8.
    assert small.billed == pytest.approx(0.008)
    assert small.dollars == {
        "API Gateway": 1.0,
        "Lambda": pytest.approx(0.20 + 0.008 * 13.3334),
        "starts": pytest.approx(0.01 * 139.7998),
        "DynamoDB": pytest.approx(0.125 + 0.625),
        "transfer": pytest.approx(205e-9 * 1e6 * 0.09),
        "logs": pytest.approx(0.40),
    }
    assert small.total == pytest.approx(sum(small.dollars.values()))
    assert small.appsync == pytest.approx(4.0 + 0.125 + 0.01845)


def test_each_round_trip_is_waited_for_and_each_read_counted() -> None:
    related = costing.cost(costing.WORK[3], FIGURES)
    assert related.cpu == pytest.approx(0.004 + 4 * 0.001 + 0.3 * 0.002)
    assert related.billed == pytest.approx(0.025)
    assert related.dollars["DynamoDB"] == pytest.approx(38 * 0.125 + 0.625)


def test_starts_without_snapshots_cost_their_cpu() -> None:
    assert costing.unrestored(0.5) == pytest.approx(0.01 * 0.5 * 1_769 / 1_024 * 13.3334)


def test_the_size_of_the_list_is_that_of_the_sample() -> None:
    listed = {"data": {"listings": [dataclasses.asdict(one) for one in sample.LISTINGS]}}
    assert costing.WORK[2].size == pytest.approx(len(json.dumps(listed, separators=(",", ":"))), rel=0.01)


def test_the_tables_tell_each_request_each_price_and_where_it_is_from() -> None:
    told = list(costing.tables(FIGURES))
    assert [
        line
        for line in told
        if line.startswith("| one object within another, by a GetItem | 1.5 ms | 8 ms |")
    ]
    for work in costing.WORK:
        assert sum(line.startswith(f"| {work.title} |") for line in told) == 2
    assert (
        "| Lambda on arm64 | $0.0000133334 a GB-second | aws.amazon.com/lambda/pricing, November 2026 |"
        in told
    )
    assert (
        "| AppSync, queries and mutations | $4.00 a million | aws.amazon.com/appsync/pricing, November 2026 |"
        in told
    )
    assert any(line.startswith("| 1,000 million | $") and line.endswith("| $1,095 |") for line in told)
