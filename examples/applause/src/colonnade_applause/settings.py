"""What a deployment decides about applause."""

from __future__ import annotations

from dataclasses import dataclass

from colonnade.inbound.verifying import secret_bytes
from colonnade.settings import secret, setting


@dataclass(frozen=True, slots=True)
class ApplauseSettings:
    """Filled from variables that begin with `APPLAUSE_`. Raises ValueError for a limit below one, `ConfigurationError`
    for a secret that is none."""

    per_day: int = setting(100, "How often one person may applaud between two midnights, UTC.")
    partner_secrets: tuple[str, ...] = secret(
        "What partners sign applause with that was given at theirs, each whsec_…; two while one is rotated.",
        default=(),
    )

    def __post_init__(self) -> None:
        if self.per_day < 1:
            raise ValueError("APPLAUSE_PER_DAY is at least 1")
        for each in self.partner_secrets:
            secret_bytes(each)
