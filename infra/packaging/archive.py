"""Zips that are the same, byte for byte, whenever and wherever they are made from the same files."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path
from typing import Final

_NEVER_CHANGES: Final = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can tell
_UNIX: Final = 3


def write_zip(tree: Path, file: Path, prefix: str = "") -> None:
    """Packs the files below `tree` into the new zip `file`, in order; their paths begin with `prefix`."""
    places = sorted((path.relative_to(tree).as_posix(), path) for path in tree.rglob("*") if path.is_file())
    with zipfile.ZipFile(file, "x", zipfile.ZIP_DEFLATED) as archive:
        for place, path in places:
            entry = zipfile.ZipInfo(prefix + place, _NEVER_CHANGES)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | (0o755 if path.suffix == ".so" else 0o644)) << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)
