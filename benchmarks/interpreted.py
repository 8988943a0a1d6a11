"""What the compiled executor leaves to graphql-core: it must not take longer for having been looked at."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Any, Final

from graphql import get_introspection_query

from benchmarks.asked import LIST, NESTED, SMALL
from benchmarks.cases import Case, Group, Measured
from benchmarks.settings import Effort, environment
from benchmarks.workers import Worker
from infra.local.toolchain import ROOT

LIMIT: Final = 1.05
FAMILY: Final = "What is not compiled, beside Strawberry's own executor"
OURS: Final = "Colonnade's executor"
STRAWBERRY: Final = "Strawberry's own executor"
MEASURES: Final = 5
"""Measures for one figure, of which the quickest counts, as at a start: a twentieth is less than what else a machine does."""

_FIRST: Final = ({"first": 100},)
_ROW: Final = "id name price volume active note"
_SWITCHES: Final = tuple("abcdefgh")
_CHOSEN: Final = (
    f"query Chosen({' '.join(f'${s}: Boolean!' for s in _SWITCHES)}) {{ rows(first: 10) {{ id "
    + " ".join(
        f"{s}: {name} @include(if: ${s})" for s, name in zip(_SWITCHES, ("name", "note") * 4, strict=True)
    )
    + " } }"
)
_CHOICES: Final = tuple(
    dict(zip(_SWITCHES, chosen, strict=True)) for chosen in product((True, False), repeat=8)
)

ASKED: Final[Mapping[str, tuple[str, Sequence[Mapping[str, Any]], bool]]] = {
    "`is_type_of` looks at each of 100 objects": (
        "query($first: Int!) { told(first: $first) { __typename id name } }",
        _FIRST,
        False,
    ),
    "100 resolvers return awaitables unannounced": (
        "query($first: Int!) { later(first: $first) { id name } }",
        _FIRST,
        False,
    ),
    "a generator for a list of 100": (
        f"query($first: Int!) {{ made(first: $first) {{ {_ROW} }} }}",
        _FIRST,
        False,
    ),
    "an asynchronous generator for a list of 100": (
        f"query($first: Int!) {{ streamed(first: $first) {{ {_ROW} }} }}",
        _FIRST,
        False,
    ),
    "a scalar of which 100 cannot be written": (
        "query($first: Int!) { unwritable(first: $first) { id text } }",
        _FIRST,
        False,
    ),
    "two mutations, one after the other": (
        "mutation($name: String!) { first: renamed(name: $name) { id name } next: renamed(name: $name) { id name } }",
        ({"name": "new"},),
        False,
    ),
    "introspection": (get_introspection_query(), ({},), False),
    "256 choices of `@include` in one document": (_CHOSEN, _CHOICES, False),
    "a small operation, seen once": (SMALL, ({"id": "user_7"},), True),
    "a list of 10 rows, seen once": (LIST, ({"first": 10},), True),
    "a list of 20 rows, seen once": (LIST, ({"first": 20},), True),
    "a list of 100 objects of 10 fields, seen once": (NESTED, _FIRST, True),
}
"""Documents with the variables that take turns; whether each execution has a document of its own."""


@contextmanager
def groups(effort: Effort) -> Iterator[Sequence[Group]]:
    """A group for each, as long as the worker runs: both executors share a process, so that its luck is the same."""
    command = (sys.executable, "-m", "benchmarks.peers.executors_peer")
    with Worker(command, environment(), ROOT) as worker:
        yield [
            _group(worker, number, title, effort.warm["interpreted"]) for number, title in enumerate(ASKED)
        ]


def _group(worker: Worker, number: int, title: str, milliseconds: int) -> Group:
    document, variables, new = ASKED[title]
    strawberry = worker.measure(
        "execute", 10, executor="Strawberry", document=document, variables=variables, new=new
    )
    times = max(1, round(milliseconds / 1_000 / strawberry.cpu))
    cases = (
        _case(worker, title, OURS, "Colonnade", times),
        _case(worker, title, STRAWBERRY, "Strawberry", times),
    )
    return Group(f"interpreted-{number}", title, "execution", STRAWBERRY, cases, LIMIT, family=FAMILY)


def _case(worker: Worker, title: str, name: str, executor: str, times: int) -> Case:
    document, variables, new = ASKED[title]
    asked = {"executor": executor, "document": document, "variables": variables, "new": new}

    def run() -> Measured:
        found = [worker.measure("execute", times, **asked) for _ in range(MEASURES)]
        return min(found, key=lambda measured: measured.cpu)

    return Case(name, run)
