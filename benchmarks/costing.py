"""What a million requests cost on AWS, from what was measured in the same run and list prices; arithmetic, not a bill."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from benchmarks.prices import (
    APPSYNC,
    CACHE,
    EGRESS,
    HASURA,
    HTTP,
    LAMBDA_CALLS,
    LAMBDA_SECOND,
    LOGS,
    MILLION,
    READS,
    RESTORE,
    WRITES,
)
from benchmarks.rounds import Figure

MEMORY: Final = 1.0
"""GB of the function that answers, as it is deployed."""

PROCESSOR: Final = 1_769 / 1_024
"""GB that have one processor; less has its share of one."""

WAIT: Final = 0.005
"""Seconds for a round trip to DynamoDB, within which nothing is computed."""

LOG: Final = 800
"""Bytes of the log's line about a request, with what CloudWatch adds to it."""

COLD: Final = 0.01
"""The share of requests for which a process has to start: "under 1 %" is what AWS says of production."""

HOURS: Final = 730
_GB: Final = 1e9

Figures = Mapping[str, Sequence[Figure]]


@dataclass(frozen=True, slots=True)
class Work:
    """A request: the group that answers it from memory, and the groups, each so many times, that read what it is made of.

    `trips`: round trips, one after the other; `reads`: read units, 4 KB each, consistent; `size`: bytes of the answer.
    """

    title: str
    answer: str
    reading: Mapping[str, float]
    trips: int
    reads: float
    size: int


WORK: Final = (
    Work("one object within another, by a GetItem", "small", {"get": 1}, 1, 1, 205),
    Work("100 objects of 10 fields, by a Query, compressed", "compressed", {"query": 4}, 1, 8, 3_921),
    Work("the same, not compressed", "list-100", {"query": 4}, 1, 8, 28_333),
    Work(
        "100 rows with two related objects each, by a Query and a BatchGetItem of 30",
        "related",
        {"query": 4, "batch": 0.3},
        2,
        38,
        22_196,
    ),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """A million requests. `cpu`, `billed`: seconds of each; `dollars`: by what is paid for; `appsync`: dollars there."""

    work: Work
    cpu: float
    billed: float
    dollars: Mapping[str, float] = field(default_factory=dict[str, float])
    appsync: float = 0.0

    @property
    def total(self) -> float:
        """In dollars."""
        return sum(self.dollars.values())


def cost(work: Work, figures: Figures) -> Cost:
    """What a million of such requests cost, by what was measured."""
    cpu = figures[work.answer][0].median + sum(
        times * figures[group][0].median for group, times in work.reading.items()
    )
    billed = math.ceil(1_000 * (cpu * max(1.0, PROCESSOR / MEMORY) + work.trips * WAIT)) / 1_000
    reads = work.reads * READS.dollars
    sent = work.size * MILLION / _GB * EGRESS.dollars
    dollars = {
        "API Gateway": HTTP.dollars,
        "Lambda": LAMBDA_CALLS.dollars + MILLION * billed * MEMORY * LAMBDA_SECOND.dollars,
        "starts": MILLION * COLD * MEMORY * RESTORE.dollars,
        "DynamoDB": reads + WRITES.dollars,
        "transfer": sent,
        "logs": LOG * MILLION / _GB * LOGS.dollars,
    }
    return Cost(work, cpu, billed, dollars, APPSYNC.dollars + reads + sent)


def unrestored(start: float) -> float:
    """Dollars a million requests for starts without snapshots, each of so many seconds of CPU."""
    return MILLION * COLD * start * max(1.0, PROCESSOR / MEMORY) * MEMORY * LAMBDA_SECOND.dollars


def tables(figures: Figures) -> Iterator[str]:
    """The lines of the page."""
    made = [cost(work, figures) for work in WORK]
    parts = list(made[0].dollars)
    yield f"| a million times | CPU each | billed each | {' | '.join(parts)} | **together** | AppSync | of it |"
    yield f"|---|---:|---:|{'---:|' * len(parts)}---:|---:|---:|"
    for one in made:
        dollars = " | ".join(f"${one.dollars[part]:.2f}" for part in parts)
        yield (
            f"| {one.work.title} | {1_000 * one.cpu:.1f} ms | {1_000 * one.billed:.0f} ms | {dollars} "
            f"| **${one.total:.2f}** | ${one.appsync:.2f} | × {one.total / one.appsync:.2f} |"
        )
    yield ""
    kept = HOURS * 3_600 * MEMORY * CACHE.dollars
    yield f"A snapshot that is kept costs ${kept:.2f} a month besides. Without snapshots, starts would cost"
    yield f"${unrestored(figures['cold'][0].median):.2f} instead of ${made[0].dollars['starts']:.2f}, and who waits for one would wait longer."
    yield ""
    yield "| requests in a month, small ones | Colonnade | AppSync | Hasura Cloud, in use each hour, without its database |"
    yield "|---:|---:|---:|---:|"
    for millions in (1, 10, 100, 1_000):
        fixed = HASURA.dollars * HOURS
        yield (
            f"| {millions:,} million | ${millions * made[0].total + kept:,.0f} | ${millions * made[0].appsync:,.0f} "
            f"| ${fixed:,.0f} |"
        )
    yield ""
    yield from _assumptions(made)


def _assumptions(made: Sequence[Cost]) -> Iterator[str]:
    yield "| assumed | is | from |"
    yield "|---|---|---|"
    for price in (
        LAMBDA_SECOND, LAMBDA_CALLS, RESTORE, CACHE, HTTP, READS, WRITES, EGRESS, LOGS, APPSYNC, HASURA,
    ):  # fmt: skip
        shown = f"{price.dollars:.10f}".rstrip("0")
        whole = shown if len(shown.partition(".")[2]) >= 2 else f"{price.dollars:.2f}"
        yield f"| {price.what} | ${whole} a {price.unit} | {price.source}, {price.seen} |"
    yield f"| memory of the function | {MEMORY:g} GB, {1_024 / 1_769 * MEMORY:.2f} of a processor | deployment.md; one processor for 1,769 MB: AWS's manual of Lambda |"
    yield "| CPU time | that of this machine, taken for Graviton's | measured above |"
    for one in made:
        reading = ", ".join(f"{times:g} × “{group}”" for group, times in one.work.reading.items())
        yield (
            f"| {one.work.title} | “{one.work.answer}” and {reading}; {_many(one.work.reads, 'read unit')}, "
            f"{_many(one.work.trips, 'round trip')}, {one.work.size:,} bytes | groups of this run; items of 300 bytes |"
        )
    yield f"| a round trip to DynamoDB | {1_000 * WAIT:g} ms of waiting | assumed |"
    yield "| writes of the limit by cost | one unit for each request; most need none | limits.md |"
    yield f"| the log | {LOG} bytes for each request | assumed |"
    yield f"| starts | {COLD:.0%} of requests | assumed; “under 1 %” is what AWS says |"
    yield "| AppSync | the same reads and bytes, by resolvers of its own; no logs, no cache | assumed |"
    yield f"| a month | {HOURS} hours | |"


def _many(number: float, what: str) -> str:
    return f"{number:g} {what}" + ("" if number == 1 else "s")
