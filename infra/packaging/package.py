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
    """`layer.zip` and `app.zip` in `folder`; `bytecode`: whether they hold that of the target's Python."""

    target: Target
    folder: Path
    bytecode: bool

    @property
    def layer(self) -> Path:
        """The dependencies, below `python/`."""
        return self.folder / LAYER

    @property
    def app(self) -> Path:
        """The functions' own code."""
        return self.folder / APP

    def unpack(self, folder: Path) -> Unpacked:
        """Both, unpacked below `folder`; nobody writes to their files, as on Lambda."""
        unpacked = Unpacked(folder / "layer", folder / "task")
        for archive, place in ((self.layer, unpacked.layer), (self.app, unpacked.task)):
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(place)
            for path in place.rglob("*"):
                if path.is_file():
                    path.chmod(0o444)  # folders stay as they are, or a person could not delete them
        return unpacked
