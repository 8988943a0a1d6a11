"""What the measured processes are given."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from infra.local.toolchain import ROOT

RESULTS: Final = ROOT / "build" / "bench"
PEERS: Final = ROOT / "benchmarks" / "peers"

# Nobody's: a process does not start without.
_COLONNADE: Final = {
    "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
    "IDENTITY_SIGNING_KEYS": "test:private:" + "A" * 43,
    "IDENTITY_DOMAINS": "app.example.com",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    `rounds`: 0 for each case once; `types`: of the schemas that are composed; `starts`: of the packages that are started;
    `warm`: how often a worker does the same for one figure, by group, and for
    `real` and `interpreted` the milliseconds that Strawberry takes for one.
    """

    rounds: int
    types: tuple[int, ...]
    starts: tuple[int, ...]
    warm: dict[str, int]


_WARM: Final = {
    "small": 300,
    "list-20": 60,
    "list-100": 100,
    "related": 12,
    "real": 400,
    "interpreted": 20,
    "refused": 50,
    "deliver": 10,
    "compressed": 25,
    "get": 100,
    "query": 40,
    "batch": 12,
    "read": 20,
}
FULL: Final = Effort(7, (100, 300), (10, 50, 100, 200, 300), _WARM)
QUICK: Final = Effort(
    0,
    (10, 20),
    (10, 20),
    dict.fromkeys(_WARM, 1),
)


def environment(**more: str) -> dict[str, str]:
    """A small environment: nothing of whoever runs this leaks into what is measured."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    return {**kept, **_COLONNADE, "PYTHONPATH": str(ROOT), **more}
