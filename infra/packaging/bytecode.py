"""Bytecode for the packed modules: of the target's own Python, or none.

A function's folder cannot be written to, so that without bytecode each start compiles a thousand modules; bytecode of
another Python would be as good as none. It holds a hash of its source that nobody checks, instead of a time that no
unpacked file has; and all of it is in one file (`infra.packed_modules`), but for the modules that open that file.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra import packed_modules
from infra.packaging.faults import PackagingFailed

BEFORE: Final = frozenset(
    {
        "handlers/__init__",
        "handlers/starting",
        "infra/__init__",
        "infra/compiled_patterns",
        "infra/generated_code",
        "infra/lighter_types",
        "infra/packed_modules",
        "infra/stand_ins",
    }
)
"""What is imported before packed modules are in use, and has a `.pyc` each as everywhere else."""

_HEADER: Final = 16  # PEP 552
_MAGIC: Final = 4
_WHICH: Final = "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2], sys.version_info.releaselevel)"


def interpreter(version: str) -> Path | None:
    """A released CPython of that minor version on this machine, None where there is none that runs."""
    return next((path for path in _candidates(version) if _is_released(path, version)), None)


def compile_tree(python: Path, tree: Path, shown_as: str) -> None:
    """Compiles every module below `tree` with `python`; tracebacks will show them below the path `shown_as`.

    What this Python cannot compile has no bytecode, as pip has it: packages hold templates that are no modules.
    """
    options = ("--invalidation-mode", "unchecked-hash", "-s", tree, "-p", shown_as)
    compiled = subprocess.run(
        [python, "-P", "-S", "-s", "-m", "compileall", "-qq", "-f", *options, tree],
        env={
            "PATH": os.defpath,
            "PYTHONHASHSEED": "0",
        },  # sets of constants are written in the order of hashes
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if compiled.returncode not in {0, 1} or compiled.stderr:
        raise PackagingFailed(f"{python} does not compile {tree.name}: {compiled.stderr[-1000:]}")


def pack_tree(tree: Path) -> None:
    """Moves the bytecode of what `compile_tree` compiled into one file.

    A module beside a native library of its name is left alone: Python takes the library.
    """
    magic, codes, file = b"", {}, None
    for path in sorted(tree.rglob("__pycache__/*.pyc")):
        name, tag, _ = path.name.split(".")
        source = path.parents[1] / name
        place = source.relative_to(tree).as_posix()
        if place in BEFORE or list(source.parent.glob(f"{name}.*.so")):
            continue
        header, codes[place] = (compiled := path.read_bytes())[:_HEADER], compiled[_HEADER:]
        magic = header[:_MAGIC]
        file = tree / f"modules.{tag}.bin"
        path.unlink()
        if not any(path.parent.iterdir()):
            path.parent.rmdir()
    if file is not None:
        file.write_bytes(packed_modules.content(magic, codes))


def _candidates(version: str) -> Iterator[Path]:
    name = f"python{version}"
    yield Path(sys.executable)
    for folder in os.get_exec_path():
        if found := shutil.which(name, path=folder):
            yield Path(found)
    # Where version managers put what is not on PATH, or only as a shim that refuses to run.
    home = Path.home()
    pyenv = Path(os.environ.get("PYENV_ROOT") or home / ".pyenv")
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    yield from sorted(pyenv.glob(f"versions/{version}*/bin/{name}"))
    yield from sorted(data.glob(f"uv/python/cpython-{version}*/bin/{name}"))


def _is_released(python: Path, version: str) -> bool:
    """Whether this is CPython of that version, and final: bytecode changes until the first release."""
    try:
        asked = subprocess.run(
            [python, "-I", "-S", "-c", _WHICH], capture_output=True, text=True, check=False, timeout=30
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.stdout.split() == ["cpython", version, "final"]
