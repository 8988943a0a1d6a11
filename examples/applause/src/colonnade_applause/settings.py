"""What a deployment decides about applause."""

from __future__ import annotations

from dataclasses import dataclass

from colonnade.settings import setting


@dataclass(frozen=True, slots=True)
class ApplauseSettings:
    """Filled from variables that begin with `APPLAUSE_`. Raises ValueError for a limit below one."""

    per_day: int = setting(100, "How often one person may applaud between two midnights, UTC.")

    def __post_init__(self) -> None:
        if self.per_day < 1:
            raise ValueError("APPLAUSE_PER_DAY is at least 1")
