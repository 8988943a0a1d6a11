"""Builds a package: fill two trees, prune, compile, pack, and only then show the zips."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from infra.packaging import bytecode
from infra.packaging.archive import write_zip
from infra.packaging.package import APP, LAYER, Package
from infra.packaging.pruning import prune
from infra.packaging.sizes import check_limits, size_of
from infra.packaging.sources import Sources
from infra.packaging.target import Target
from infra.packaging.wheels import install_locked, install_sdk

_TASK_ROOT: Final = "/var/task"
_LAYER_ROOT: Final = "/opt/python"


def build(target: Target, folder: Path, sources: Sources | None = None) -> Package:
    """`layer.zip` and `app.zip` in `folder`, instead of those that were there.

    Equal sources make equal zips, to the byte. They appear once both are whole: a build that fails or is killed leaves
    none, or a layer alone. One build at a time works in a folder, another waits. Raises `PackagingFailed`.
    """
    sources = sources or Sources()
    folder.mkdir(parents=True, exist_ok=True)
    with _alone_in(folder) as scratch:
        for name in (APP, LAYER):
            (folder / name).unlink(missing_ok=True)
        layer, app = scratch / "layer", scratch / "app"
        install_locked(target, sources, layer)
        install_sdk(sources, app, scratch / "sdk")
        _copy_application(sources, app)
        python = bytecode.interpreter(target.python)
        for tree, shown_as in ((layer, _LAYER_ROOT), (app, _TASK_ROOT)):
            prune(tree)
            if python is not None:
                bytecode.compile_tree(python, tree, shown_as)
        write_zip(layer, scratch / LAYER, prefix="python/")
        write_zip(app, scratch / APP)
        check_limits([size_of(scratch / LAYER), size_of(scratch / APP)])
        for name in (LAYER, APP):
            os.replace(scratch / name, folder / name)
    return Package(target, folder, python is not None)


def _copy_application(sources: Sources, tree: Path) -> None:
    for place, path in sources.application_files():
        (tree / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, tree / place)


@contextmanager
def _alone_in(folder: Path) -> Iterator[Path]:
    """A new folder within `folder` that is gone after the block; waits for whoever else builds there."""
    with (folder / ".building").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        scratch = folder / ".scratch"
        shutil.rmtree(scratch, ignore_errors=True)  # a killed build's
        scratch.mkdir()
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch)
