"""The command line is had without the SDK's extras, and loads what a command needs when it needs it."""

from __future__ import annotations

import subprocess
import sys


def test_importing_the_command_line_brings_no_server_and_no_validation() -> None:
    code = "import sys, colonnade.cli; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split()

    assert "colonnade.cli.dev" in loaded
    assert not {"pydantic", "pytest", "starlette", "uvicorn", "colonnade.conventions"}.intersection(loaded)
