import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from infra.local.toolchain import ROOT

SCRIPT = ROOT / "infra" / "local" / "setup.py"


@pytest.fixture
def bootstrap() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def put_program(folder: Path, name: str, script: str) -> Path:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


def test_an_old_python_can_read_the_script() -> None:
    ast.parse(SCRIPT.read_text(), feature_version=(3, 6))


def test_an_old_python_is_refused_with_what_is_needed_and_what_it_is(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 6, 15))
    monkeypatch.setattr(bootstrap, "newer_python", lambda: None)
    assert bootstrap.main() == 1
    refusal = capsys.readouterr().err
    assert f"needs Python 3.11 or newer; {sys.executable} is Python 3.6.15" in refusal
    assert "make setup PYTHON=" in refusal


def test_an_old_python_hands_over_to_a_newer_one_on_the_path(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put_program(tmp_path, "python3.13", "exit 127")  # a version manager's shim for a version that is off
    newer = put_program(tmp_path, "python3.12", "exit 0")
    started: list[list[str]] = []
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))

    def replaced(path: str, arguments: list[str]) -> None:
        started.append([path, *arguments])
        raise SystemExit

    monkeypatch.setattr(os, "execv", replaced)
    with pytest.raises(SystemExit):
        bootstrap.main()
    assert started == [[str(newer), str(newer), str(SCRIPT)]]


def test_set_up_imports_nothing_that_is_yet_to_be_installed() -> None:
    imports = "import infra.local.installation, infra.local.lock, sys; print(*sys.modules)"
    listed = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {imports}"],
        capture_output=True,
        text=True,
        check=True,
    )
    packages = {name.partition(".")[0] for name in listed.stdout.split()} - {"infra", "__main__"}
    assert packages <= sys.stdlib_module_names
