"""Refusals: what a request costs that is turned away by its tokens, its size or its cost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from benchmarks.asked import SMALL, event
from benchmarks.cases import Case, Group, Measured
from benchmarks.workers import Worker

ANSWERED: Final = "A small query, answered"
_ROWS: Final = "rows(first: 100) { id }"
_DEAR: Final = "{" + "".join(f" r{n}: {_ROWS}" for n in range(25)) + " }"
REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    "Too deep": ("DEPTH_LIMIT_EXCEEDED", "{ user " * 14 + "}" * 14),
    "Too many aliases": ("ALIAS_LIMIT_EXCEEDED", "{" + "".join(f" a{n}: user" for n in range(400)) + " }"),
    "One field, 3,990 times": ("COMPARISON_LIMIT_EXCEEDED", "{" + " user" * 3_990 + " }"),
    "49,000 tokens": ("GRAPHQL_PARSE_FAILED", "{ a(b: [" + "1 " * 49_000),
    "49,000 comments": ("GRAPHQL_PARSE_FAILED", "#\n" * 49_000),
    "100,000 tokens": ("GRAPHQL_PARSE_FAILED", "{ a(b: [" + "1 " * 100_000),
    "80,000 comments": ("GRAPHQL_PARSE_FAILED", "#\n" * 80_000),
    "Too large a body": ("PAYLOAD_TOO_LARGE", "#" * 300_000),
    "Too dear, seen before": ("COST_LIMIT_EXCEEDED", _DEAR),
}


def group(worker: Worker, times: int) -> Group:
    """The refusals beside a small query that is answered, in one process of Colonnade."""
    cases = [_case(name, worker, times, event(text, {}), code) for name, (code, text) in REFUSED.items()]
    small = _case(ANSWERED, worker, times, event(SMALL, {"id": "user_7"}), None)
    return Group("refused", "Refusals", "refusal", ANSWERED, (*cases, small), same_answer=False)


def _case(name: str, worker: Worker, times: int, given: dict[str, Any], code: str | None) -> Case:
    if times > 1:
        worker.measure("answer", times, event=given)

    def run() -> Measured:
        measured = worker.measure("answer", times, event=given)
        answer: Any = measured.answer
        told = {error["extensions"]["code"] for error in answer.get("errors", ())}
        if told != ({code} if code else set()):
            raise ValueError(f"{name}: answered with {told or 'data'}, not with {code or 'data'}")
        return Measured(measured.cpu, sorted(told))

    return Case(name, run)
