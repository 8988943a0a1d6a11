"""`make bench`: everything, about nine minutes; `BENCH=quick` runs each case once, and writes no page."""

from __future__ import annotations

import os
import sys

from benchmarks import cold, composition, interpreted, machine, page, reads, real, report, rounds, warm
from benchmarks.settings import FULL, QUICK
from infra.local import on_demand, toolchain
from infra.local.toolchain import ROOT
from infra.packaging.here import kept_package, unpacked


def main() -> int:
    """Measures, prints the figures and writes the page; 1 where a limit is not kept."""
    quick = os.environ.get("BENCH") == "quick"
    effort = QUICK if quick else FULL
    on_demand.node_project(ROOT / "benchmarks")
    node = str(toolchain.node())
    package = unpacked(kept_package())
    with (
        cold.groups(package, node, effort) as starts,
        warm.groups(node, effort) as repeated,
        real.groups(node, effort) as ours,
        interpreted.groups(effort) as left,
        reads.groups(node, effort) as asked,
    ):
        groups = [*starts, *repeated, *ours, *left, *asked, *composition.groups(effort)]
        figures = rounds.run(groups, effort.rounds)
    run = report.Run(groups, figures, effort, machine.described(), machine.versions(node))
    report.write_results(run)
    sys.stdout.write(report.text(run))
    if quick:
        return 0
    page.write_page(run)
    return 1 if report.broken(run) else 0


if __name__ == "__main__":
    sys.exit(main())
