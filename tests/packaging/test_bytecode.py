"""Which Python compiles for a target: one of its own minor version that runs, or none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from infra.packaging.bytecode import interpreter


def put(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing on PATH and no version managers."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PYENV_ROOT", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    return tmp_path


def test_this_python_compiles_for_itself(machine: Path) -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert interpreter(here) == Path(sys.executable)


def test_there_may_be_none(machine: Path) -> None:
    assert interpreter("9.9") is None


def test_one_on_path_is_found(machine: Path) -> None:
    python = put(machine / "bin" / "python9.9", "echo cpython 9.9 final")
    assert interpreter("9.9") == python


@pytest.mark.parametrize(
    "answer",
    [
        "echo 'pyenv: python9.9: command not found' >&2; exit 127",
        "echo cpython 9.9 candidate",
        "echo cpython 9.8 final",
        "echo pypy 9.9 final",
    ],
    ids=["a shim that refuses", "a release candidate", "another version", "another implementation"],
)
def test_what_is_no_released_cpython_of_that_version_is_passed_over(machine: Path, answer: str) -> None:
    put(machine / "bin" / "python9.9", answer)
    assert interpreter("9.9") is None
    managed = put(machine / ".pyenv" / "versions" / "9.9.1" / "bin" / "python9.9", "echo cpython 9.9 final")
    assert interpreter("9.9") == managed


def test_one_that_uv_keeps_is_found(machine: Path) -> None:
    folder = machine / ".local" / "share" / "uv" / "python" / "cpython-9.9.2-linux-x86_64-gnu" / "bin"
    python = put(folder / "python9.9", "echo cpython 9.9 final")
    assert interpreter("9.9") == python
