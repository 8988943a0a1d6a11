"""The rules of the house that no linter knows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import colonnade

ROOT = Path(__file__).parents[2]
CODE = ("sdk/src", "handlers", "schema", "plugins", "infra", "examples", "tests", "sdk/tests")
MODULES = sorted(
    path.relative_to(ROOT)
    for folder in CODE
    for path in (ROOT / folder).rglob("*.py")
    if not {"node_modules", ".venv", "build", "dist"} & set(path.parts)
)

HEAVY = (
    "boto3",
    "botocore",
    "web3",
    "eth_abi",
    "eth_account",
    "eth_utils",
    "pydantic",
    "httpx",
    "starlette",
    "mangum",
)


def test_public_surface_is_this_and_no_more() -> None:
    assert colonnade.__all__ == [
        "Context",
        "Info",
        "Permission",
        "Plugin",
        "Refused",
        "UserError",
        "batched",
        "extend",
        "hookimpl",
        "requires",
        "user_error",
    ]
    assert all(hasattr(colonnade, name) for name in colonnade.__all__)


@pytest.mark.parametrize("module", ["colonnade", "colonnade.composer", "colonnade.evm", "colonnade.relay"])
def test_importing_the_sdk_loads_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_no_module_grows_past_three_hundred_lines() -> None:
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in MODULES}
    assert {path: length for path, length in lengths.items() if length > 300} == {}


def test_every_module_is_named_by_what_it_holds() -> None:
    empty_names = {"utils", "util", "common", "helpers", "helper", "misc", "base", "manager"}
    assert [str(path) for path in MODULES if path.stem in empty_names] == []


def test_nothing_stands_for_work_that_is_not_done() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "pytest.mark." + "xfail", "NotImplemented" + "Error")
    found = [
        f"{path}:{number}"
        for path in MODULES
        for number, line in enumerate((ROOT / path).read_text().splitlines(), 1)
        if any(mark in line for mark in marks)
    ]
    assert found == []
