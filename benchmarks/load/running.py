"""One run: the capacity is found, four fifths of it are asked for, then three times as much, then four fifths again.

The capacity is what is borne with nobody refused and answers that are soon: what clients without a pause get is more, and
has those who come at moments of their own wait in a queue that never ends. All rates are of the pace that the processors had
while that was found out (`locustfile.rate_of`).
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Final

from benchmarks.load.judging import Outcome, Sample, borne, phase_of, recovery, samples_of
from benchmarks.load.served import Served, served
from infra.local import on_demand
from infra.local.toolchain import ROOT

PROBING: Final = 8
"""Clients that each ask again as soon as they are answered: enough to keep the server busy."""

SHARES: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Of what those get, what is tried for the capacity, one after another until it is not borne."""

TRIED: Final = 20.0
"""Seconds for which each is tried."""

_MEMORY: Final = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - of this run alone
"""Where the database keeps its rows, as far as there is such a place: how soon this machine's disk writes is not asked."""

USERS: Final = 300
"""Clients that share what is asked for in the phases: many more than the gateway takes at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds of each phase; `share` and `excess` of the capacity that is asked for."""

    probe: float = 15.0
    steady: float = 600.0
    overload: float = 20.0
    after: float = 15.0
    share: float = 0.8
    excess: float = 3.0


def run(plan: Plan) -> Outcome:
    """Starts the stack, and has Locust ask. Raises RuntimeError where either fails."""
    locust = on_demand.python_environment("load").with_name("locust")
    with tempfile.TemporaryDirectory(dir=_MEMORY) as folder, served(Path(folder) / "state") as stack:
        warm = _asked(locust, stack, Path(folder), PROBING, [(0, 5.0), (0, plan.probe)])
        most = phase_of(warm, 1, plan.probe)
        pace = fmean(most.works)
        alone = phase_of(_asked(locust, stack, Path(folder), 1, [(0, plan.probe)]), 0, plan.probe).median
        capacity = _capacity(locust, stack, Path(folder), most.rate, alone, pace)
        memory: dict[str, int] = {}
        before = threading.Timer(5.0, lambda: memory.update(before=stack.memory()))
        after = threading.Timer(plan.steady, lambda: memory.update(after=stack.memory()))
        before.start()
        after.start()
        phases = [
            (plan.share * capacity, plan.steady),
            (plan.excess * capacity, plan.overload),
            (plan.share * capacity, plan.after),
        ]
        samples = _asked(locust, stack, Path(folder), USERS, phases, pace)
        steady = phase_of(samples, 0, plan.steady)
        return Outcome(
            most.rate,
            alone,
            pace,
            capacity,
            steady,
            phase_of(samples, 1, plan.overload),
            phase_of(samples, 2, plan.after),
            recovery(samples, 2, steady.median),
            memory["before"],
            memory["after"],
            sum("Traceback" in line for line in stack.said),
        )


def _capacity(
    locust: Path, stack: Served, folder: Path, saturation: float, alone: float, pace: float
) -> float:
    capacity = None
    for share in SHARES:
        rate = share * saturation
        if not borne(phase_of(_asked(locust, stack, folder, USERS, [(rate, TRIED)], pace), 0, TRIED), alone):
            break
        capacity = rate
    if capacity is None:
        raise RuntimeError(f"not even {SHARES[0]:.0%} of what {PROBING} clients get is borne")
    return capacity


def _asked(
    locust: Path,
    stack: Served,
    folder: Path,
    users: int,
    phases: Sequence[tuple[float, float]],
    pace: float = 0.0,
) -> list[Sample]:
    notes = folder / "samples.json"
    given = json.dumps({"users": users, "phases": phases, "pace": pace, "samples": str(notes)})
    command = [
        str(locust),
        *("--headless", "--only-summary", "--loglevel", "WARNING", "--host", stack.url),
        *("--locustfile", str(ROOT / "benchmarks" / "load" / "locustfile.py")),
    ]
    ran = subprocess.run(
        command,
        env={**os.environ, "COLONNADE_LOAD": given},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode or not notes.exists():
        raise RuntimeError(f"locust ended with {ran.returncode}:\n{ran.stdout}{ran.stderr}")
    found = samples_of(json.loads(notes.read_text()))
    notes.unlink()
    return found
