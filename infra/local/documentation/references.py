"""The generated pages of the documentation, and whether those that are committed are still true."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from colonnade.cli.project import Checkout, find_project, load_target
from colonnade.composer import Composition
from infra.local.documentation.error_reference import error_reference
from infra.local.documentation.hook_reference import hook_reference
from infra.local.documentation.schema_reference import schema_reference
from infra.local.toolchain import ROOT

FOLDER = ROOT / "docs" / "reference"


def references() -> Mapping[str, str]:
    """Every generated page, by its file in `docs/reference`."""
    project = find_project(ROOT)
    assert isinstance(project, Checkout)
    composition: Composition = load_target(ROOT, project.application)()
    schema: Any = composition.schema._schema  # Strawberry hands it out by no other name
    return {
        "hooks.md": hook_reference(),
        "errors.md": error_reference(composition, schema),
        **schema_reference(composition, schema),
    }


def write(pages: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Leave exactly these pages in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in {path.name for path in folder.glob("*.md")} - set(pages):
        (folder / name).unlink()
    for name, text in pages.items():
        unfinished = folder / f"{name}.{os.getpid()}.new"
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(folder / name)


def stale(pages: Mapping[str, str], folder: Path = FOLDER) -> Iterator[str]:
    """Each page that is not there, is another, or is there without anybody writing it."""
    there = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    for name in sorted({*there, *pages}):
        if there.get(name) != pages.get(name):
            yield name
