"""The deployment that a command of a test acts on: `operating = "tests.work.operated:deployment"`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from colonnade.operating import Deployment

CHOSEN: list[Deployment] = []

PYPROJECT = """
[tool.colonnade]
application = "schema.compose:application"
local = "handlers.local:main"
operating = "tests.work.operated:deployment"
"""


def deployment(environ: Mapping[str, str]) -> Deployment:
    """The one that the test chose last."""
    return CHOSEN[-1]


def choose(deployed: Deployment, folder: Path) -> None:
    """Let commands in `folder` act on `deployed`."""
    CHOSEN.append(deployed)
    (folder / "pyproject.toml").write_text(PYPROJECT)
