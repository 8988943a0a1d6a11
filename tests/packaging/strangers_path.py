"""A copy of this checkout, in which an operator adds a plugin that others made: every command but the deployment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.local import toolchain
from infra.local.toolchain import ROOT

EXAMPLE = ROOT / "examples" / "applause"
NAMED = 'plugins = ["colonnade-applause>=1"]'

SET_UP = "from infra.local import installers; installers.install_python_packages(); installers.install_sdk()"
PACK = (
    "from pathlib import Path; from infra.packaging import build, host; build(host(), Path('build/package'))"
)


@dataclass(frozen=True)
class Checkout:
    """A checkout with tools of ours; its Python packages are its own. `files`: what was copied, with its content."""

    root: Path
    files: Mapping[str, bytes]

    @property
    def bin(self) -> Path:
        return self.root / ".venv" / "bin"

    def run(self, *command: str | Path) -> str:
        """What a command that succeeds says."""
        environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
        ran = subprocess.run(
            command,
            cwd=self.root,
            env={**environment, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert ran.returncode == 0, f"{command}\n{ran.stdout}{ran.stderr}"
        return ran.stdout

    def changed(self) -> set[str]:
        """The files that are not what they were when they were copied."""
        return {name for name, content in self.files.items() if (self.root / name).read_bytes() != content}


def copied(root: Path) -> Checkout:
    """This checkout as it is now, without what git does not know."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = {
        name: (ROOT / name).read_bytes() for name in listed.stdout.splitlines() if (ROOT / name).is_file()
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    (root / ".tools").symlink_to(ROOT / ".tools")
    return Checkout(root, files)


def wheel_of_the_example(folder: Path) -> Path:
    """The plugin as its author hands it over."""
    command = (toolchain.uv(), "build", "--quiet", "--wheel", "--no-build-isolation", "--offline")
    subprocess.run(
        [*command, "--python", sys.executable, "--out-dir", folder, EXAMPLE], check=True, timeout=120
    )
    (wheel,) = folder.glob("*.whl")
    return wheel
