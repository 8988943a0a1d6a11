"""Builds a package: fill two trees, prune, compile, pack, and only then show the zips."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from infra.packaging import bytecode, generated, installed
from infra.packaging.archive import write_zip
from infra.packaging.locked_plugins import check_plugins
from infra.packaging.package import APP, LAYER, Package
from infra.packaging.pruning import prune
from infra.packaging.requirements import check_requirements
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
    python = bytecode.interpreter(target.python)
    with alone_in(folder) as scratch:
        for name in (APP, LAYER):
            (folder / name).unlink(missing_ok=True)
        layer = pack_layer(target, sources, python, scratch)
        made = [layer, pack_app(sources, python, scratch, scratch / "layer")]
        trees = [scratch / "layer", scratch / "app"]
        check_requirements(target, trees)
        check_plugins(sources.plugins_lock, trees)
        check_limits([size_of(archive) for archive in made])
        for archive in made:
            os.replace(archive, folder / archive.name)
    return Package(target, folder / LAYER, folder / APP, python is not None)


def pack_layer(target: Target, sources: Sources, python: Path | None, scratch: Path) -> Path:
    """The zip of what the lock names, in the folder `scratch`; `python` compiles. Raises `PackagingFailed`."""
    tree = scratch / "layer"
    install_locked(target, sources, tree)
    return _packed(tree, scratch / LAYER, python, _LAYER_ROOT, prefix="python/")


def pack_app(sources: Sources, python: Path | None, scratch: Path, layer: Path) -> Path:
    """The zip of what is ours, likewise; `layer`: the folder of modules that it is to run with."""
    tree = scratch / "app"
    install_sdk(sources, tree, scratch / "sdk")
    for place, path in sources.application_files():
        (tree / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, tree / place)
    installed.tell(sources.plugins_lock, [layer, tree], tree)
    if python is not None:
        generated.record(python, layer, tree)
    return _packed(tree, scratch / APP, python, _TASK_ROOT)


@contextmanager
def alone_in(folder: Path) -> Iterator[Path]:
    """A new folder within `folder` that is gone after the block; waits for whoever else builds there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".building").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        scratch = folder / ".scratch"
        shutil.rmtree(scratch, ignore_errors=True)  # a killed build's
        scratch.mkdir()
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch)


def _packed(tree: Path, archive: Path, python: Path | None, shown_as: str, prefix: str = "") -> Path:
    prune(tree)
    if python is not None:
        bytecode.compile_tree(python, tree, shown_as)
        bytecode.pack_tree(tree)
    write_zip(tree, archive, prefix)
    return archive
