"""Real operations: what the web example sends, of this repository's own schema."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from graphql import parse, print_ast
from graphql.utilities import concat_ast, separate_operations

from benchmarks.asked import event
from benchmarks.cases import Case, Group, Measured
from benchmarks.peers.real_peer import ACCOUNT, DOMAIN
from benchmarks.settings import PEERS, RESULTS, Effort, environment
from benchmarks.warm import APOLLO, BARE, LONG, MERCURIUS, SHORT
from benchmarks.workers import Worker
from infra.local.toolchain import ROOT
from tests.plugins.trading.scripted_market import CBBTC, USDC

STRAWBERRY: Final = "Strawberry's executor and caches, called directly"
_SDL: Final = ROOT / "schema" / "schema.graphql"
_CLIENT: Final = ROOT / "examples" / "web" / "src"


@dataclass(frozen=True, slots=True)
class Operation:
    """One that the web example sends. `root`: its one root field; `limits`: what was promised of it, by peer."""

    name: str
    title: str
    root: tuple[str, str]
    variables: Mapping[str, Any]
    limits: Mapping[str, float]


# graphql-jit misses the defaults of input fields that may not be null: they are sent, as the client does.
_WHOLE: Final = {"tradeType": "EXACT_INPUT", "chainId": 8453}


def _of_strawberry(limits: Mapping[str, float]) -> Mapping[str, float]:
    """The same limits, Strawberry by its name here."""
    return {STRAWBERRY if name == BARE else name: most for name, most in limits.items()}


OPERATIONS: Final = (
    Operation(
        "Swaps",
        "The swaps of an account, a page of 20",
        ("Query", "swaps"),
        {"account": ACCOUNT, "first": 20},
        _of_strawberry(LONG),
    ),
    Operation("Tokens", "The well-known tokens", ("Query", "tokens"), {"first": 24}, _of_strawberry(LONG)),
    Operation(
        "SwapPrice",
        "What a swap over two pools would give",
        ("Query", "swapPrice"),
        {"input": {"tokenIn": CBBTC, "tokenOut": USDC, "amount": "100000000", **_WHOLE}},
        _of_strawberry(SHORT),
    ),
    Operation(
        "RequestSignIn",
        "A message to sign in with",
        ("Mutation", "requestSignIn"),
        {"input": {"address": ACCOUNT, "domain": DOMAIN, "uri": f"https://{DOMAIN}", "chainId": 8453}},
        _of_strawberry(SHORT),
    ),
)


@contextmanager
def groups(node: str, effort: Effort) -> Iterator[Sequence[Group]]:
    """A group for each, as long as the workers run. `node`: the program that runs JavaScript."""
    documents = _documents()
    events = {op.name: event(documents[op.name], dict(op.variables)) for op in OPERATIONS}
    with ExitStack() as started:
        command = (sys.executable, "-m", "benchmarks.peers.real_peer")
        ours = started.enter_context(Worker(command, environment(), ROOT))
        captured = environment(BENCH_CAPTURED=str(_captured(ours, events)))
        peers = {
            name: started.enter_context(Worker((node, PEERS / file), captured, ROOT))
            for name, file in ((APOLLO, "apollo.mjs"), (MERCURIUS, "mercurius.mjs"))
        }
        yield [_group(op, events[op.name], ours, peers, effort) for op in OPERATIONS]


def _documents() -> Mapping[str, str]:
    """The client's operations, each with the fragments it needs, by name."""
    parsed = [parse(path.read_text("utf-8")) for path in sorted(_CLIENT.glob("*/*.graphql"))]
    return {name: print_ast(document) for name, document in separate_operations(concat_ast(parsed)).items()}


def _captured(ours: Worker, events: Mapping[str, Any]) -> Path:
    """A file with what the root fields answer. None of the operations has an alias, so that keys are fields."""
    roots: dict[str, dict[str, Any]] = {}
    for op in OPERATIONS:
        answer: Any = ours.measure("answer", 1, event=events[op.name]).answer
        assert "errors" not in answer, answer
        root, field = op.root
        roots.setdefault(root, {})[field] = answer["data"][field]
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = RESULTS / "captured.json"
    path.write_text(json.dumps({"sdl": _SDL.read_text("utf-8"), "roots": roots}))
    return path


def _group(
    op: Operation, given: Mapping[str, Any], ours: Worker, peers: Mapping[str, Worker], effort: Effort
) -> Group:
    strawberry = ours.measure("bare", 10, event=given)
    times = max(1, round(effort.warm["real"] / 1_000 / strawberry.cpu))
    cases = [
        _case("Colonnade", ours, "answer", given, times),
        _case(STRAWBERRY, ours, "bare", given, times),
        *(_case(name, worker, "answer", given, times) for name, worker in peers.items()),
    ]
    return Group(f"real-{op.name}", op.title, "answer", STRAWBERRY, tuple(cases), limits=op.limits)


def _case(name: str, worker: Worker, what: str, given: Mapping[str, Any], times: int) -> Case:
    if times > 1:
        worker.warm_up(what, times, event=given)

    def run() -> Measured:
        measured = worker.measure(what, times, event=given)
        answer: Any = measured.answer
        return Measured(measured.cpu, (answer["data"], answer.get("errors") or None))

    return Case(name, run)
