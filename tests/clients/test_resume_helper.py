"""The module that web clients copy, tested by its own tests in Node.js."""

from __future__ import annotations

import subprocess
from pathlib import Path

from infra.local import toolchain

ROOT = Path(__file__).parents[2]


def test_resume_helper_passes_its_own_tests() -> None:
    result = subprocess.run(
        [toolchain.node(), "--test", "--test-reporter=tap", "examples/web/"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "# fail 0" in result.stdout
    assert "# pass 0" not in result.stdout
