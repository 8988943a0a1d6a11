"""For which Python, on which machines, a package is made."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Target:
    """`python`: its minor version, as in 3.13; `platform`: as uv names it, None for this machine's own."""

    python: str
    platform: str | None = None

    def __str__(self) -> str:
        return f"Python {self.python}, {self.platform or 'this machine'}"


DEPLOYED: Final = Target("3.13", "aarch64-manylinux_2_28")
"""Lambda's `python3.13` on arm64: Amazon Linux 2023, whose glibc is 2.34."""


def host() -> Target:
    """This Python on this machine."""
    return Target(f"{sys.version_info.major}.{sys.version_info.minor}")
