"""Where a stranger works: an empty home and empty caches, and three programs on PATH. Stdlib only."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

PROGRAMS: Final = ("python3", "make", "git")

PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
CERTIFICATES: Final = (
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
    *("PIP_CERT", "NODE_EXTRA_CA_CERTS"),
)
REGISTRIES: Final = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "PIP_DEFAULT_TIMEOUT"),
    *("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL"),
    "NPM_CONFIG_REGISTRY",
)
PASSED: Final = frozenset((*PROXIES, *CERTIFICATES, *REGISTRIES))
"""How a machine reaches the registries, as far as variables say; in capitals, since some are also written small."""


@dataclass(frozen=True, slots=True)
class Room:
    """`folder` holds everything: home, temporary files, programs, and what the stranger clones."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def work(self) -> Path:
        """Where the stranger begins."""
        return self.folder / "work"

    def left_behind(self) -> list[str]:
        """The command lines of processes that still have to do with this room."""
        return [line for line in _command_lines() if str(self.folder) in line]

    def size(self, *below: str) -> int:
        """Bytes of the files in folders of the room, without what is linked to."""
        return sum(_bytes_in(self.folder / folder) for folder in below)


@contextmanager
def empty_room(environ: Mapping[str, str]) -> Iterator[Room]:
    """A room for a stranger on this machine, whose environment is `environ`; removed with the block."""
    with TemporaryDirectory(prefix="stranger-", ignore_cleanup_errors=True) as made:
        folder = Path(made).resolve()
        for name in ("home", "tmp", "bin", "work"):
            (folder / name).mkdir()
        for name, program in programs().items():
            (folder / "bin" / name).symlink_to(program)
        yield Room(folder, environment(folder, environ))


def programs() -> Mapping[str, Path]:
    """What is on the stranger's PATH, and which program of this machine each is. Raises `FileNotFoundError`."""
    # The Python that runs this, and not what made its virtual environment look like it.
    found: dict[str, Path] = {"python3": Path(getattr(sys, "_base_executable", sys.executable)).resolve()}
    for name in PROGRAMS[1:]:
        path = shutil.which(name)
        if path is None:
            raise FileNotFoundError(f"{name} is not on PATH, and a stranger needs it.")
        found[name] = Path(path)
    return found


def environment(folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The stranger's variables: nothing of `environ` but what leads to the registries."""
    passed = {name: value for name, value in environ.items() if name.upper() in PASSED}
    return {
        **passed,
        "HOME": str(folder / "home"),
        "LANG": "C.UTF-8",
        "PATH": str(folder / "bin"),
        "TERM": "dumb",
        "TMPDIR": str(folder / "tmp"),
    }


def _command_lines() -> list[str]:
    if Path("/proc/self/cmdline").exists():
        found = []
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                found.append(file.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:  # it has ended since
                continue
        return found
    listed = subprocess.run(["ps", "-A", "-o", "command="], capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


def _bytes_in(folder: Path) -> int:
    return sum(
        os.lstat(os.path.join(place, file)).st_size for place, _, files in os.walk(folder) for file in files
    )
