"""A finished package."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.packaging.target import Target

LAYER: Final = "layer.zip"
APP: Final = "app.zip"


@dataclass(frozen=True, slots=True)
class Unpacked:
    """`layer`: what Lambda shows as /opt; `task`: as /var/task."""

    layer: Path
    task: Path


@dataclass(frozen=True, slots=True)
class Package:
    """`layer`: the zip of dependencies, below `python/`; `app`: that of the functions' own code; `bytecode`: whether
    they hold that of the target's Python."""

    target: Target
    layer: Path
    app: Path
    bytecode: bool

    def unpack(self, folder: Path) -> Unpacked:
        """Both, unpacked below `folder`; nobody writes to their files, as on Lambda."""
        unpacked = Unpacked(folder / "layer", folder / "task")
        unpack_for_reading(self.layer, unpacked.layer)
        unpack_for_reading(self.app, unpacked.task)
        return unpacked


def unpack_for_reading(archive: Path, folder: Path) -> None:
    """Unpacks one zip."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    for path in folder.rglob("*"):
        if path.is_file():
            path.chmod(0o444)  # folders stay as they are, or a person could not delete them
