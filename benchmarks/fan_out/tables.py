"""The figures as tables of docs/scaling.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from benchmarks.fan_out.costing import cost
from benchmarks.fan_out.delivering import Delivered

_NAMES: Final = {"shared": "one shared document", "distinct": "distinct principals"}
COMPUTED: Final = (10**6, 10**7)


def curve(found: Sequence[Delivered]) -> str:
    """What was measured, a row for each size of each kind."""
    head = "| subscribers | | CPU of one event, s | for each, ms | executions | posts | GetItem | BatchGetItem | Query | writes | memory, MiB |"
    rows = [
        f"| {o.subscribers:,} | {_NAMES[o.kind]} | {o.cpu:.2f} | {o.cpu / o.subscribers * 1_000:.2f} | {o.executions:,} "
        f"| {o.posts:,} | {o.reads:,} | {o.batches:,} | {o.queries:,} | {o.writes:,} | {o.memory:.0f} |"
        for kind in _NAMES
        for o in _largest_last(found, kind)
    ]
    return _table(head, rows)


def costs(found: Sequence[Delivered]) -> str:
    """What an event costs beyond, from the largest size of each kind."""
    head = "| subscribers | | workers | CPU, s | until all are sent to, s | posts | Lambda | DynamoDB | SQS | together |"
    rows: list[str] = []
    for size in COMPUTED:
        for kind, name in _NAMES.items():
            for measured in _largest_last(found, kind)[-1:]:
                made = cost(measured, size)
                dollars = " | ".join(f"${made.dollars[part]:.4f}" for part in made.dollars)
                rows.append(
                    f"| {size:,} | {name} | {made.workers} | {made.cpu:,.0f} | {made.seconds:,.0f} | {dollars} "
                    f"| ${made.total:.2f} |"
                )
    return _table(head, rows)


def _largest_last(found: Sequence[Delivered], kind: str) -> list[Delivered]:
    return sorted((one for one in found if one.kind == kind), key=lambda one: one.subscribers)


def _table(head: str, rows: Iterable[str]) -> str:
    return "\n".join([head, "|---" * (head.count("|") - 1) + "|", *rows, ""])
