"""Packages to try on this machine: made once for each state of the checkout, for all who ask for them."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from infra.local.toolchain import ROOT
from infra.packaging import bytecode
from infra.packaging.building import alone_in, pack_app, pack_layer
from infra.packaging.package import APP, LAYER, Package, Unpacked, unpack_for_reading
from infra.packaging.sources import Sources
from infra.packaging.target import Target, host

KEPT: Final = ROOT / "build" / "packages"

_WHOLE: Final = "whole"
_UNPACKED: Final = "unpacked"
_DAY: Final = 86_400.0


def kept_package(target: Target | None = None, kept: Path = KEPT) -> Package:
    """The package for a target, this machine unless another is named, as the checkout is now.

    Whoever asks first builds what changed, the layer or the app, and others wait. What nobody asked for in a day is
    forgotten. Raises `PackagingFailed`.
    """
    target = target or host()
    sources = Sources()
    python = bytecode.interpreter(target.python)
    machine = f"{target} {python} {sys.version} {platform.platform()}"
    layer = _made(
        kept / f"layer-{_hash(machine, sources.layer_fingerprint())}",
        lambda scratch: pack_layer(target, sources, python, scratch),
    )
    app = _made(
        kept / f"app-{_hash(layer.name, sources.app_fingerprint())}",
        lambda scratch: pack_app(sources, python, scratch, layer / _UNPACKED / "python"),
    )
    return Package(target, layer / LAYER, app / APP, python is not None)


def unpacked(package: Package) -> Unpacked:
    """Where a kept package is unpacked; nobody writes there."""
    return Unpacked(package.layer.with_name(_UNPACKED), package.app.with_name(_UNPACKED))


def _made(folder: Path, pack: Callable[[Path], Path]) -> Path:
    """`folder`, with what `pack` makes in it, and unpacked."""
    mark = folder / _WHOLE
    with alone_in(folder) as scratch:
        if not mark.exists():
            _forget_old(folder.parent)
            archive = folder / pack(scratch).name
            os.replace(scratch / archive.name, archive)
            shutil.rmtree(folder / _UNPACKED, ignore_errors=True)
            unpack_for_reading(archive, folder / _UNPACKED)
        mark.touch()
    return folder


def _forget_old(kept: Path) -> None:
    for mark in kept.glob(f"*/{_WHOLE}"):
        if time.time() - mark.stat().st_mtime > _DAY:
            mark.unlink()  # first, so that nobody takes the rest for whole
            shutil.rmtree(mark.parent, ignore_errors=True)


def _hash(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
