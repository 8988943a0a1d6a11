"""Asks the advisory services about every lock: `python -m infra.local.audit [--complete]`, or `make audit`.

Each lock is clean, has findings, or was not audited, because no service answered. Findings fail; with `--complete`, so
does a lock that was not audited.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from infra.local import on_demand, toolchain
from infra.local.audit import npm_audit, pip_audit
from infra.local.audit.outcome import Finding, NotRun, Outcome
from infra.local.steps import SetupFailed, say
from infra.local.toolchain import ROOT

ACCEPTED: Mapping[str, str] = {}
"""Advisories that are known and do not matter here, by id or address, each with the reason."""

_MADE = {"build", "node_modules"}  # folders whose locks are nobody's of ours

Audit = Callable[[Path], Sequence[Finding]]


def main(arguments: Sequence[str]) -> int:
    """The exit status: 1 for findings, 2 for an option that there is not or a lock that was not audited but had to be."""
    if unknown := set(arguments) - {"--complete"}:
        sys.stderr.write(f"Unknown option {' '.join(unknown)}; there is only --complete.\n")
        return 2
    return report(audited(locks()), complete="--complete" in arguments)


def locks() -> Iterator[tuple[Path, Audit]]:
    """Every lock of the project, with what audits it."""
    for lock in (*sorted(ROOT.glob("requirements*.lock")), *sorted(on_demand.LOCKS.glob("*.lock"))):
        yield lock, _pip_audited
    for pattern in ("package-lock.json", "*/package-lock.json", "*/*/package-lock.json"):
        for lock in sorted(ROOT.glob(pattern)):
            if not _MADE & set(lock.relative_to(ROOT).parts):
                yield lock, lambda lock: npm_audit.audit(toolchain.npm(), lock)


def _pip_audited(lock: Path) -> Sequence[Finding]:
    try:
        program = on_demand.python_environment("audit").with_name("pip-audit")
    except SetupFailed as failure:
        raise NotRun(f"pip-audit cannot be installed: {failure.problem.splitlines()[0]}") from failure
    return pip_audit.audit(program, lock)


def audited(
    each: Iterator[tuple[Path, Audit]], root: Path = ROOT, accepted: Mapping[str, str] = ACCEPTED
) -> Iterator[Outcome]:
    """How the audit of each lock ended, as it ends."""
    for lock, audit in each:
        name = lock.relative_to(root).as_posix()
        try:
            yield Outcome(name, [found for found in audit(lock) if found.advisory not in accepted])
        except NotRun as reason:
            yield Outcome(name, not_run=str(reason))


def report(outcomes: Iterator[Outcome], *, complete: bool = False) -> int:
    """Tells of each; the exit status."""
    told: list[Outcome] = []
    for outcome in outcomes:
        told.append(outcome)
        say(f"{outcome.lock:<45}{outcome.word:<13}{outcome.not_run or ''}".rstrip() + "\n")
        for found in outcome.findings:
            say(f"    {found.package} {found.version}  {found.advisory}  {found.title}\n")
    missed = sum(outcome.not_run is not None for outcome in told)
    if missed:
        say(f"{missed} of {len(told)} locks were NOT audited: nothing is known of them, good or bad.\n")
    if any(outcome.findings for outcome in told):
        return 1
    return 2 if missed and complete else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
