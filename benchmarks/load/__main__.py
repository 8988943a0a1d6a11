"""`python -m benchmarks.load [seconds]`: the table of docs/soak.md; 1 where a promise is not kept."""

from __future__ import annotations

import platform
import sys
from statistics import median

from benchmarks.load.judging import KNEE, Kind, Outcome, Phase, broken
from benchmarks.load.running import PROBING, Plan, run


def main() -> int:
    """Runs once, ten minutes at most of the capacity unless told otherwise, and prints what was found."""
    plan = Plan(steady=float(sys.argv[1])) if len(sys.argv) > 1 else Plan()
    outcome = run(plan)
    problems = broken(outcome)
    sys.stdout.write(table(plan, outcome) + "".join(f"NOT KEPT: {problem}\n" for problem in problems))
    return 1 if problems else 0


def table(plan: Plan, outcome: Outcome) -> str:
    """The figures as Markdown."""
    rows = [
        ("Python", platform.python_version()),
        (f"{PROBING} clients without a pause", f"{outcome.saturation:.0f} answers/s"),
        ("one client alone", f"median {outcome.alone:.1f} ms"),
        (
            f"capacity: nobody refused, 99 of 100 within {KNEE:.0f} times the median of one alone",
            f"{outcome.capacity:.0f} requests/s",
        ),
        (f"{plan.share:.0%} of it for {plan.steady:.0f} s", _of(outcome.steady)),
        ("… the 99th percentile beside the median, at one pace", f"× {outcome.steady.tail:.1f}"),
        *((f"… {kind.name}", _tail(kind)) for kind in outcome.steady.kinds),
        ("… clients late by themselves, 99th percentile", f"{outcome.steady.late:.0f} ms"),
        ("… a processor's time for the same work, while rates were found", f"{outcome.pace:.2f} ms"),
        ("… and in each second: least, median, most", _paces(outcome.steady)),
        (
            "memory of the server, 5 s after it began and at its end",
            f"{outcome.memory_before / 2**20:.0f} MiB, {outcome.memory_after / 2**20:.0f} MiB",
        ),
        (f"{plan.excess:.0f} × capacity for {plan.overload:.0f} s", _of(outcome.overload)),
        (
            "… a refusal, median, and clients late by themselves, 99th percentile",
            f"{outcome.overload.refusing:.0f} ms, {outcome.overload.late:.0f} ms",
        ),
        (f"{plan.share:.0%} again", _of(outcome.after)),
        (
            "as soon as before, and from then on",
            "never" if outcome.recovered is None else f"within {outcome.recovered:.0f} s",
        ),
    ]
    return "| what | |\n|---|---|\n" + "".join(f"| {what} | {found} |\n" for what, found in rows)


def _tail(kind: Kind) -> str:
    return f"median {kind.median:.0f} ms, 99th percentile {kind.ninety_ninth:.0f} ms: × {kind.tail:.1f}"


def _paces(phase: Phase) -> str:
    return (
        ", ".join(f"{found:.2f}" for found in (min(phase.works), median(phase.works), max(phase.works)))
        + " ms"
    )


def _of(phase: Phase) -> str:
    return (
        f"{phase.asked:.0f} requests/s: {phase.answered:,} answered, {phase.refused:,} refused, {phase.failed:,} failed; "
        f"median {phase.median:.0f} ms, 99th percentile {phase.ninety_ninth:.0f} ms, longest {phase.longest:.0f} ms"
    )


if __name__ == "__main__":
    sys.exit(main())
