"""Whether this machine can be set up at all, asked before anything is downloaded. Stdlib only."""

import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path

from infra.local import toolchain
from infra.local.steps import SetupFailed

DISK_NEEDED = 2 * 10**9  # bytes; about 1.3 GB are installed, the rest are caches
OLDEST_GLIBC = (2, 35)  # what anvil is linked against


def check(directory: Path) -> None:
    """Raises for what would otherwise show half-way: an unsupported system, no venv, an old libc, a full disk."""
    toolchain.system()
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        raise SetupFailed(
            f"{sys.executable} cannot make virtual environments.",
            "On Debian and Ubuntu: `apt install python3-venv`. Then run `make setup` again.",
        )
    version = _glibc()
    if version is not None and version < OLDEST_GLIBC:
        raise SetupFailed(
            f"The local chain needs glibc 2.35 or newer; this system has {'.'.join(map(str, version)) or 'none'}.",
            "Use a newer distribution (Debian 12, Ubuntu 22.04 …), or a container of one.",
        )
    free = shutil.disk_usage(directory).free
    if free < DISK_NEEDED:
        raise SetupFailed(
            f"{free / 1e9:.1f} GB are free on the disk of {directory}; set-up needs {DISK_NEEDED / 1e9:.0f} GB.",
            "Free some space, then run `make setup` again.",
        )


def _glibc() -> tuple[int, ...] | None:
    """Its version; empty for another C library, such as Alpine's musl; None where that is no question."""
    if sys.platform != "linux":
        return None
    try:
        name = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (ValueError, OSError):
        return ()
    version = re.fullmatch(r"glibc (\d+)\.(\d+)", name)
    return (int(version[1]), int(version[2])) if version else ()
