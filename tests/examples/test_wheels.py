"""The example as a third party ships it: a wheel of its own, installed beside the wheel of the SDK."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
UV = ROOT / ".tools" / "bin" / "uv"
EXAMPLE = ROOT / "examples" / "applause"


@dataclass(frozen=True)
class Installed:
    """An environment that holds the two wheels; `project`: the example's folder without its source."""

    bin: Path
    project: Path

    def run(self, *command: str, at: Path | None = None) -> subprocess.CompletedProcess[str]:
        return _run(str(self.bin / command[0]), *command[1:], at=at or self.project)


def _run(*command: str, at: Path = ROOT) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "UV_OFFLINE": "1", "UV_NO_CONFIG": "1"}
    return subprocess.run(
        command, cwd=at, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def _must(*command: str) -> None:
    ran = _run(*command)
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both wheels, built with the build backend of this environment."""
    folder = tmp_path_factory.mktemp("wheels")
    for project in (ROOT / "sdk", EXAMPLE):
        _must(
            str(UV), "build", "--wheel", "--no-build-isolation", "--python", sys.executable,
            "--out-dir", str(folder), str(project),
        )  # fmt: skip
    return folder


@pytest.fixture(scope="module")
def installed(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The two wheels alone; what they depend on is found where this environment has it."""
    folder = tmp_path_factory.mktemp("environment")
    _must(str(UV), "venv", "--python", sys.executable, str(folder / "venv"))
    python = folder / "venv" / "bin" / "python"
    _must(str(UV), "pip", "install", "--no-deps", "--python", str(python), *map(str, wheels.glob("*.whl")))
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    # Of a folder that a .pth names, Python reads no further .pth: the SDK's editable install stays out.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    project = folder / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("src", "__pycache__", ".*"))
    return Installed(python.parent, project)


def test_both_packages_come_from_their_wheels(installed: Installed) -> None:
    code = "import colonnade, colonnade_applause; print(colonnade.__file__, colonnade_applause.__file__)"

    places = installed.run("python", "-c", code).stdout.split()

    assert len(places) == 2
    assert all(place.startswith(str(installed.bin.parent)) for place in places)


def test_the_examples_own_tests_pass(installed: Installed) -> None:
    ran = installed.run("python", "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout


def test_the_plugin_is_listed_with_its_distribution(installed: Installed) -> None:
    ran = installed.run("colonnade", "plugins", "--plugin", "applause", "--json")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    (row,) = json.loads(ran.stdout)
    assert (row["name"], row["version"], row["status"]) == ("applause", "1.0.0", "ACTIVE")
    assert row["distribution"] == "colonnade-applause"


def test_the_plugin_passes_the_check_in_its_own_folder(installed: Installed) -> None:
    ran = installed.run("colonnade", "check")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.startswith("all is well with applause, stand-ins: ")


def test_beside_an_application_it_joins_the_schema_and_is_missed_in_the_lock(installed: Installed) -> None:
    listed = installed.run("colonnade", "plugins", "--json", at=ROOT)
    locked = installed.run("colonnade", "lock", "--check", at=ROOT)

    assert listed.returncode == 0, listed.stdout + listed.stderr
    assert {row["name"]: row["status"] for row in json.loads(listed.stdout)}["applause"] == "ACTIVE"
    assert locked.returncode == 1, locked.stdout + locked.stderr
    assert "- plugin applause is here (colonnade-applause 1.0.0, for colonnade >=1.0,<2)" in locked.stdout


def test_the_plugins_settings_are_looked_at(installed: Installed) -> None:
    variables = installed.project / "half-configured.env"
    variables.write_text("APPLAUSE_PER_DAY=0\nAPPLAUSE_PER_DAYS=1\n")

    looked = installed.run("colonnade", "doctor", "--env-file", str(variables))

    assert looked.returncode == 1, looked.stderr
    assert looked.stdout.splitlines() == [
        "problem  APPLAUSE_PER_DAY: is at least 1; correct it",
        "problem  APPLAUSE_PER_DAYS: nothing reads it; did you mean APPLAUSE_PER_DAY?",
        "Problems: 2. Warnings: 0.",
    ]


def test_a_plugin_begun_with_the_installed_sdk_works(installed: Installed, tmp_path: Path) -> None:
    began = installed.run("colonnade", "new", "plugin", "encore", at=tmp_path)
    tested = installed.run(
        "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", at=tmp_path / "colonnade-encore"
    )

    assert began.returncode == 0, began.stderr
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_the_wheel_of_the_sdk_is_typed_and_brings_graphiql(wheels: Path) -> None:
    (wheel,) = wheels.glob("colonnade-*.whl")

    with ZipFile(wheel) as archive:
        names = set(archive.namelist())

    assert {"colonnade/py.typed", "colonnade/graphiql/index.html", "colonnade/graphiql/main.js"} <= names
    assert not [name for name in names if name.startswith(("sdk/", "tests/")) or "__pycache__" in name]
