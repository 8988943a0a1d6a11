"""`python -m benchmarks.fan_out [SIZE …]`: the curve, its picture, and the cost of an event beyond it.

Without sizes 10² to 10⁴: seating ten thousand in DynamoDB Local takes minutes on a busy machine. Results stay in build/bench/fan-out.jsonl: with `--again`
the tables and docs/scaling.svg are made from these, and nothing is measured.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Final

from benchmarks.fan_out.delivering import Delivered
from benchmarks.fan_out.measuring import measured
from benchmarks.fan_out.picture import drawn
from benchmarks.fan_out.tables import costs, curve
from benchmarks.settings import RESULTS
from infra.local.toolchain import ROOT

SIZES: Final = (100, 300, 1_000, 3_000, 10_000)
_KEPT: Final = RESULTS / "fan-out.jsonl"


def main(asked: list[str]) -> None:
    """Measure unless asked for what is kept, print the tables, draw the picture."""
    if asked != ["--again"]:
        _measure([int(size) for size in asked] or SIZES)
    found = [Delivered(**json.loads(line)) for line in _KEPT.read_text().splitlines()]
    sys.stdout.write(f"{curve(found)}\n{costs(found)}")
    (ROOT / "docs" / "scaling.svg").write_text(drawn(found))


def _measure(sizes: list[int] | tuple[int, ...]) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    with _KEPT.open("w") as kept:
        for one in measured(sizes, RESULTS):
            kept.write(json.dumps(asdict(one)) + "\n")
            kept.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
