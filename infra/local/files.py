"""Small files that are read back whole, or as they were before, and directories that one process has to itself."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def replace_text(file: Path, text: str) -> None:
    """Make `text` the content of `file`; a process that ends meanwhile leaves the old content or the new."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.write_text(text)
    new.replace(file)


@contextmanager
def locked(directory: Path, in_use: Exception | None) -> Iterator[None]:
    """Within the block no other process has the lock of `directory`, which ends with us whatever happens.

    While another has it, `in_use` is raised; None waits.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX if in_use is None else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            assert in_use is not None
            raise in_use from None
        yield
