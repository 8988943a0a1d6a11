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
        """Both, unpacked below `folder` for nobody to write to, as Lambda does it."""
        unpacked = Unpacked(folder / "layer", folder / "task")
        for archive, place in ((self.layer, unpacked.layer), (self.app, unpacked.task)):
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(place)
            for path in sorted(place.rglob("*"), reverse=True):
                path.chmod(0o555 if path.is_dir() else 0o444)
        return unpacked
