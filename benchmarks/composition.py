"""Composition: what a schema of many types takes, once everything is imported."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from benchmarks.cases import Case, Group, Measured
from benchmarks.processes import measured
from benchmarks.settings import RESULTS, Effort, environment
from infra.local.toolchain import ROOT

PACKAGED: Final = "Colonnade, as a package starts"
BARE: Final = "Strawberry, one module"
_PEER: Final = "benchmarks.peers.composition_peer"


def groups(effort: Effort) -> Sequence[Group]:
    """One group for each number of types; in plugins of ten, with a root field for each type."""
    return [_group(count) for count in effort.types]


def _group(count: int) -> Group:
    known = RESULTS / f"generated-{count}.bin"
    RESULTS.mkdir(parents=True, exist_ok=True)
    record = [sys.executable, "-m", _PEER, "colonnade", str(count), "record", str(known)]
    subprocess.run(record, env=environment(), cwd=ROOT, check=True)
    return Group(
        f"compose-{count}",
        f"A schema of {count} types of 5 fields",
        "schema",
        BARE,
        (
            _case(PACKAGED, "colonnade", str(count), "use", str(known)),
            _case("Colonnade, from its sources", "colonnade", str(count)),
            _case(BARE, "strawberry", str(count)),
        ),
        same_answer=False,
    )


def _case(name: str, *arguments: str) -> Case:
    def run() -> Measured:
        said = measured([sys.executable, "-m", _PEER, *arguments], environment(), ROOT).answer
        assert isinstance(said, dict)
        return Measured(said["cpu"], said["types"])

    return Case(name, run)
