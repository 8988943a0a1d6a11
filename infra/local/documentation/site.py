"""Builds the site with MkDocs Material, from an environment of its own: `build/site`, which needs no server."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from infra.local import on_demand, toolchain
from infra.local.documentation.layout import lay_out
from infra.local.toolchain import ROOT

PLACE = ROOT / "build" / "site"
_ICON = ROOT / "handlers" / "icon.svg"


class CannotBuild(Exception):
    """MkDocs refused a page; what it said."""


def build(place: Path) -> None:
    """Build the whole site, strictly: a link or a heading that is not there is an error. Raises `CannotBuild`.

    `place`: the folder of the site; beside it, `<place>-pages` is what it is built from.
    """
    pages = place.with_name(f"{place.name}-pages")
    lay_out(pages)
    shutil.copyfile(_ICON, pages / "theme" / "icon.svg")
    environment = {**toolchain.environment(), "PYTHONWARNINGS": "ignore", "NO_MKDOCS_2_WARNING": "1"}
    environment |= {"DOCUMENTATION_PAGES": str(pages), "DOCUMENTATION_SITE": str(place)}
    environment.pop("PYTHONPATH", None)
    ran = subprocess.run(
        [on_demand.python_environment("docs"), "-m", "mkdocs", "build", "--strict"],
        cwd=ROOT,
        env=environment | {"PYTHONDONTWRITEBYTECODE": os.environ.get("PYTHONDONTWRITEBYTECODE", "1")},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode != 0:
        raise CannotBuild(f"{ran.stdout}{ran.stderr}".strip())
