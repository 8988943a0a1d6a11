"""Warm: the same operations, again and again, each server in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, Final

from benchmarks import refusing
from benchmarks.asked import FOLLOW, LIST, NESTED, RELATED, SMALL, event
from benchmarks.cases import Case, Group, Measured
from benchmarks.settings import PEERS, Effort, environment
from benchmarks.workers import Worker
from infra.local.toolchain import ROOT

BARE: Final = "Strawberry, called directly, with caches"
WITH_LOADERS: Final = "Strawberry, called directly, with caches and DataLoaders"
APOLLO: Final = "Apollo Server on its Lambda adapter"
MERCURIUS: Final = "Mercurius with jit on Fastify's Lambda adapter"
LONG: Final[Mapping[str, float]] = {BARE: 1 / 15, APOLLO: 0.12, MERCURIUS: 0.75}
SHORT: Final[Mapping[str, float]] = {APOLLO: 0.8}
"""What Colonnade may take beside others, for a long list and for a small answer."""

_FOLLOWERS: Final = (1, 100)


@contextmanager
def groups(node: str, effort: Effort) -> Iterator[Sequence[Group]]:
    """The groups, as long as the workers run. `node`: the program that runs JavaScript."""
    python = (sys.executable, "-m")
    commands: Mapping[str, Sequence[str]] = {
        "Colonnade": (*python, "benchmarks.peers.colonnade_peer"),
        BARE: (*python, "benchmarks.peers.strawberry_peer", "bare"),
        "Strawberry's ASGI application on Mangum, with caches": (
            *python,
            "benchmarks.peers.strawberry_peer",
            "mangum",
        ),
        APOLLO: (node, str(PEERS / "apollo.mjs")),
        MERCURIUS: (node, str(PEERS / "mercurius.mjs")),
        "graphql-js, called directly": (node, str(PEERS / "subscribing.mjs")),
    }
    with ExitStack() as started:
        workers = {
            name: started.enter_context(Worker(command, environment(), ROOT))
            for name, command in commands.items()
        }
        yield [
            *_answering(workers, effort),
            _compressed(workers["Colonnade"], effort.warm["compressed"]),
            refusing.group(workers["Colonnade"], effort.warm["refused"]),
            *_delivering(workers, effort),
        ]


def _answering(workers: Mapping[str, Worker], effort: Effort) -> Iterator[Group]:
    asked = (
        ("list-100", "A list of 100 objects of 10 fields, two of them objects", NESTED, {"first": 100}, LONG),
        ("list-20", "A list of 20 rows of 6 fields", LIST, {"first": 20}, {BARE: 1.0}),
        ("small", "One object within another, 6 fields", SMALL, {"id": "user_7"}, SHORT),
    )
    related = event(RELATED, {"first": 100})
    yield Group(
        "related",
        "A list of 100 rows with two related objects each",
        "answer",
        WITH_LOADERS,
        (
            _answers("Colonnade, batched fields", workers["Colonnade"], effort.warm["related"], related),
            _answers(WITH_LOADERS, workers[BARE], effort.warm["related"], related),
        ),
        0.1,
    )
    for key, title, document, variables, limits in asked:
        cases = [
            _answers(name, worker, effort.warm[key], event(document, variables))
            for name, worker in workers.items()
            if not name.startswith("graphql-js")
        ]
        yield Group(key, title, "answer", BARE, tuple(cases), limits=limits)


def _compressed(worker: Worker, times: int) -> Group:
    plain = event(NESTED, {"first": 100})
    taking = {**plain, "headers": {**plain["headers"], "accept-encoding": "gzip"}}
    asked = {"Colonnade, compressed": taking, "Colonnade": plain}
    cases = tuple(
        Case(name, partial(worker.measure, "size", times, event=one)) for name, one in asked.items()
    )
    title = "The list of 100 objects, for a client that takes it compressed"
    return Group("compressed", title, "answer", "Colonnade", cases, same_answer=False)


def _answers(name: str, worker: Worker, times: int, given: dict[str, Any]) -> Case:
    if times > 1:
        worker.warm_up("answer", times, event=given)

    def run() -> Measured:
        measured = worker.measure("answer", times, event=given)
        answer: Any = measured.answer
        return Measured(measured.cpu, answer["data"])

    return Case(name, run)


def _delivering(workers: Mapping[str, Worker], effort: Effort) -> Iterator[Group]:
    names = {
        "Colonnade": "Colonnade",
        BARE: "Strawberry, called directly",
        "graphql-js, called directly": None,
    }
    for followers in _FOLLOWERS:
        cases = tuple(
            _delivers(shown or name, workers[name], effort.warm["deliver"], followers)
            for name, shown in names.items()
        )
        title = f"One event to {followers} followers" if followers > 1 else "One event to one follower"
        yield Group(f"deliver-{followers}", title, "message", "Strawberry, called directly", cases)


def _delivers(name: str, worker: Worker, times: int, followers: int) -> Case:
    def run() -> Measured:
        measured = worker.measure("deliver", times, followers=followers, document=FOLLOW)
        answer: Any = measured.answer
        return Measured(measured.cpu / followers, answer["data"]["ticked"]["node"])

    return Case(name, run)
