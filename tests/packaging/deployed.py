"""What is deployed, made to run on this machine: its own modules and bytecode, with native libraries of this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from infra.local import toolchain
from infra.local.installers import run
from infra.local.on_demand import LOCKS
from infra.packaging import DEPLOYED, Sources, Target, Unpacked
from infra.packaging.here import kept_package, unpacked
from infra.packaging.wheels import install_locked


def adapted(folder: Path) -> Unpacked:
    """The deployment's package, its layer with the native libraries of this machine."""
    built = unpacked(kept_package(DEPLOYED))
    native = folder / "native"
    install_locked(Target(DEPLOYED.python), Sources(), native)
    layer = folder / "layer"
    shutil.copytree(built.layer, layer, copy_function=os.symlink)
    for library in native_libraries(layer):
        library.unlink()
    for library in native_libraries(native):
        shutil.copyfile(library, layer / "python" / library.relative_to(native))
    return Unpacked(layer, built.task)


def native_libraries(tree: Path) -> Iterator[Path]:
    """The native libraries below a folder."""
    return (path for path in list(tree.rglob("*.so")) if "SelfTest" not in path.parts)


def runtime(python: Path, folder: Path) -> Path:
    """An interpreter like `python` whose environment holds Lambda's runtime."""
    environment = folder / "runtime"
    run(toolchain.uv(), "venv", "--quiet", "--python", python, environment)
    interpreter = environment / "bin" / "python"
    sync = ("pip", "sync", "--quiet", "--python", interpreter, "--require-hashes")
    run(toolchain.uv(), *sync, LOCKS / "lambda.lock")
    return interpreter
