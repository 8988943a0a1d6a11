"""What the README shows works as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from colonnade.cli import COMMANDS

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


def test_the_plugin_passes_its_test(tmp_path: Path) -> None:
    files = {text.split("\n", 1)[0].removeprefix("# "): text for kind, text in BLOCKS if kind == "python"}
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto", *files],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert set(files) == {"ratings.py", "test_ratings.py"}
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "1 passed" in ran.stdout


def test_the_settings_it_shows_are_toml() -> None:
    shown = [tomllib.loads(text) for kind, text in BLOCKS if kind == "toml"]

    assert [list(content) for content in shown] == [["project"], ["tool"]]


def test_every_command_is_in_its_table() -> None:
    listed = re.findall(r"^\| `colonnade (\w+)", README, re.MULTILINE)

    assert listed == list(COMMANDS)
