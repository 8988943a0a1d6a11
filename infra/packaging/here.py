"""The package of this machine, unpacked: made once for each state of the checkout, for all who ask for it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import shutil
import sys
import time
from pathlib import Path
from typing import Final

from infra.local.toolchain import ROOT
from infra.packaging.building import build
from infra.packaging.package import Package, Unpacked
from infra.packaging.sources import Sources
from infra.packaging.target import Target, host

KEPT: Final = ROOT / "build" / "packages"

_WHOLE: Final = "whole"
_DAY: Final = 86_400.0


def kept_package(target: Target | None = None, kept: Path = KEPT) -> Package:
    """The package for a target, this machine unless another is named, as the checkout is now.

    Whoever asks first builds it, others wait. Those that nobody asked for in a day are forgotten. Raises
    `PackagingFailed`.
    """
    target = target or host()
    sources = Sources()
    seed = f"{sources.fingerprint()} {target} {sys.version} {platform.platform()}"
    folder = kept / hashlib.sha256(seed.encode()).hexdigest()[:16]
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / _WHOLE
    with (folder / ".made").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not mark.exists():
            _forget_old(kept)
            package = build(target, folder, sources)
            shutil.rmtree(folder / "unpacked", ignore_errors=True)
            package.unpack(folder / "unpacked")
            mark.write_text("with bytecode" if package.bytecode else "")
        os.utime(mark)
    return Package(target, folder, bool(mark.read_text()))


def unpacked(package: Package) -> Unpacked:
    """Where a kept package is unpacked; nobody writes there."""
    return Unpacked(package.folder / "unpacked" / "layer", package.folder / "unpacked" / "task")


def _forget_old(kept: Path) -> None:
    for mark in kept.glob(f"*/{_WHOLE}"):
        if time.time() - mark.stat().st_mtime > _DAY:
            mark.unlink()  # first, so that nobody takes the rest for whole
            shutil.rmtree(mark.parent, ignore_errors=True)
