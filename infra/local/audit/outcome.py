"""How the audit of one lock ended: clean, with findings, or not at all. The third is never taken for the first."""

from collections.abc import Sequence
from dataclasses import dataclass


class NotRun(RuntimeError):
    """No service answered, or not in a way that can be understood; the message says what happened."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """An advisory that holds for a locked version. `advisory`: its id or address."""

    package: str
    version: str
    advisory: str
    title: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """`not_run`: why there was no audit, None where there was one."""

    lock: str
    findings: Sequence[Finding] = ()
    not_run: str | None = None

    @property
    def word(self) -> str:
        if self.not_run is not None:
            return "not run"
        return f"{len(self.findings)} findings" if self.findings else "clean"
