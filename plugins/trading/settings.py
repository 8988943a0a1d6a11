"""What a deployment may choose about trading."""

from __future__ import annotations

from dataclasses import dataclass

from colonnade.settings import setting


@dataclass(frozen=True, slots=True)
class TradingSettings:
    """Raises ValueError for a value that makes no sense."""

    pool_state_max_age_seconds: float = setting(
        2.0,
        "How long the state of pools may be priced with after it was read; 0 reads it for every operation.",
    )

    def __post_init__(self) -> None:
        if not 0 <= self.pool_state_max_age_seconds <= 3600:
            raise ValueError("pool_state_max_age_seconds is between 0 and 3600")
