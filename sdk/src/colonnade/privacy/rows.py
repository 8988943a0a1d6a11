"""What is kept of exports."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from colonnade.entities import Entity

KEPT: Final = timedelta(days=7)
"""How long an account can read its export."""

EXPORTED: Final = Entity(
    "privacy",
    "Exported",
    partition="{operation}",
    sort="{number:010d}",
    serves=("the records of an export, in the order in which they were found",),
    expires=True,
)
