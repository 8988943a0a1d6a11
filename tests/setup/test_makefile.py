import os
import re
import subprocess

import pytest

from infra.local.toolchain import ROOT

MAKEFILE = (ROOT / "Makefile").read_text()


def make(*arguments: str, **variables: str) -> str:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAKE", "MFLAGS", "PYTHON", "PORT", "ARGS"))
    }
    result = subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=ROOT,
        env=inherited | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout


def test_help_names_every_target() -> None:
    declared = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert declared is not None
    targets = set(declared[1].split()) - {"help"}
    assert set(re.findall(r"^make (\S+)", make("help"), re.MULTILINE)) == targets


@pytest.mark.parametrize("target", ["dev", "test", "soak", "check", "audit", "lock"])
def test_every_command_sets_up_first(target: str) -> None:
    first, second = make("--dry-run", target).splitlines()
    assert first == "python3 infra/local/setup.py"
    assert second.startswith(".venv/bin/python -m ")


def test_arguments_reach_pytest() -> None:
    assert make("--dry-run", "test", "ARGS=-k swap").splitlines()[-1].endswith(" -k swap")


def test_a_python_can_be_named() -> None:
    assert make("--dry-run", "setup", "PYTHON=python3.13") == "python3.13 infra/local/setup.py\n"


def test_cleaning_keeps_what_was_installed() -> None:
    assert make("--dry-run", "clean") == "rm -rf .colonnade\n"


def test_continuous_integration_runs_what_people_run() -> None:
    script = (ROOT / ".ci" / "run").read_text()
    assert re.findall(r"^make .*$", script, re.MULTILINE) == ["make check", "make test"]
    assert "set -euo pipefail" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
