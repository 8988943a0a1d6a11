"""Fills the trees that are packed: what the lock names, for any platform, and the SDK of this checkout."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

from infra.local import toolchain
from infra.local.installers import run
from infra.local.steps import SetupFailed
from infra.packaging.faults import PackagingFailed
from infra.packaging.sources import Sources
from infra.packaging.target import Target


def install_locked(target: Target, sources: Sources, tree: Path) -> None:
    """Puts the wheels that the lock names into `tree`, for `target`: nothing is compiled, and each hash is checked.

    Raises `PackagingFailed`, as for a package that has no wheel for the target.
    """
    options: list[str | Path] = ["--python", sys.executable, "--python-version", target.python]
    if target.platform is not None:
        options += ["--python-platform", target.platform]
    for folder in sources.wheels:
        options += ["--find-links", folder]
    # The lock names everything but the SDK, which plugins need and which is packed with the app.
    options += ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--requirements", sources.lock]
    # A copy: pruning must not reach the files of uv's cache.
    command = ("pip", "install", "--quiet", "--link-mode", "copy", "--target", tree, *options)
    _uv(*command, what=f"Installing {sources.lock.name} for {target}", sources=sources)


def install_sdk(sources: Sources, tree: Path, scratch: Path) -> None:
    """Builds the SDK's wheel into the folder `scratch` and puts it into `tree`. Raises `PackagingFailed`."""
    # The backend is this environment's, which its lock pins.
    options = ("--wheel", "--no-build-isolation", "--offline", "--python", sys.executable)
    _uv(
        "build",
        "--quiet",
        *options,
        "--out-dir",
        scratch,
        sources.sdk,
        what="Building the SDK",
        sources=sources,
    )
    (wheel,) = scratch.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:  # pure Python without scripts or data: to unpack is to install
        archive.extractall(tree)


def _uv(*command: str | Path, what: str, sources: Sources) -> None:
    try:
        run(toolchain.uv(), *command, directory=sources.root)
    except SetupFailed as failure:
        raise PackagingFailed(
            f"{what}: {failure.problem}\nEach package needs a wheel for the target, with its hash in the lock: "
            "after a change of requirements run `make lock`."
        ) from failure
