"""`colonnade new plugin` begins a plugin that works as it stands.

That it type-checks strictly is seen where its guide is followed, in `tests/docs`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from colonnade.cli import main
from colonnade.plugin import sdk_version


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a plugin that was just begun, of a name that is spelled differently wherever it goes."""
    into = tmp_path_factory.mktemp("begun")
    assert main(["new", "plugin", "price-alerts-2", "--into", str(into)]) == 0
    return into / "colonnade-price-alerts-2"


def test_its_tests_pass(begun: Path) -> None:
    ran = run(begun, "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "3 passed" in ran.stdout


def test_it_keeps_the_conventions_of_the_api(begun: Path) -> None:
    ran = run(begun, "-c", "import sys; from colonnade.cli import main; sys.exit(main(['check']))")

    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_it_is_offered_under_its_name_for_this_sdk(begun: Path) -> None:
    pyproject = tomllib.loads((begun / "pyproject.toml").read_text())

    assert pyproject["project"]["name"] == begun.name
    assert pyproject["project"]["entry-points"]["colonnade.plugins"] == {
        "price-alerts-2": "colonnade_price_alerts_2"
    }
    (dependency,) = pyproject["project"]["dependencies"]
    assert sdk_version() in SpecifierSet(dependency.removeprefix("colonnade"))


def test_nothing_of_the_template_is_left_over(begun: Path) -> None:
    files = [file for file in begun.rglob("*") if file.is_file() and "__pycache__" not in file.parts]

    assert len(files) == 9
    assert not [
        file
        for file in files
        if "template" in file.name or "$" in file.read_text().replace("$id", "").replace("$after", "")
    ]


@pytest.mark.parametrize(
    "name", ["", "Applause", "applause!", "2fast", "a--b", "a_b", "-a", "a-", "../a", "a/b", "a" * 41]
)
def test_a_name_that_cannot_be_one_is_refused(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", "plugin", "--into", str(tmp_path), "--", name]) == 1
    assert "cannot be a plugin's name" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_name_of_the_sdk_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "plugin", "colonnade", "--into", str(tmp_path)]) == 1
    assert "the SDK's own name" in capsys.readouterr().err


def test_what_is_there_already_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = tmp_path / "colonnade-applause"
    there.mkdir()

    assert main(["new", "plugin", "applause", "--into", str(tmp_path)]) == 1
    assert f"{there} exists already" in capsys.readouterr().err
    assert list(there.iterdir()) == []
