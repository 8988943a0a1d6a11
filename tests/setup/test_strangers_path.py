"""`make stranger` gives a stranger no more than three programs, and does what the README says. (Only its cheap parts.)"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.stranger import room
from infra.local.stranger.__main__ import Journey, Stumbled, table
from infra.local.stranger.readme import NotTold, told_by
from infra.local.stranger.room import Room, empty_room

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_a_stranger_has_three_programs_and_an_empty_home() -> None:
    with empty_room({}) as given:
        folder = given.folder
        assert {program.name for program in (folder / "bin").iterdir()} == {"python3", "make", "git"}
        assert given.environment["PATH"] == str(folder / "bin")
        assert given.environment["HOME"] == str(folder / "home")
        assert not any((folder / "home").iterdir())
    assert not folder.exists()


def test_of_the_environment_only_the_way_to_the_registries_is_passed_on(tmp_path: Path) -> None:
    ours = {"HTTPS_PROXY": "a", "https_proxy": "b", "npm_config_registry": "c", "SSL_CERT_FILE": "d"}
    theirs = {"PYTHONPATH": "e", "AWS_PROFILE": "f", "VIRTUAL_ENV": "g", "PIP_CACHE_DIR": "h", "HOME": "i"}
    given = room.environment(tmp_path, {**ours, **theirs})
    assert ours.items() <= given.items()
    assert given.keys() - ours.keys() == {"HOME", "LANG", "PATH", "TERM", "TMPDIR"}
    assert given["HOME"] != "i"


def test_the_strangers_python_is_none_of_a_virtual_environment() -> None:
    with empty_room({}) as given:
        said = Journey(given).run(
            "python3 -c 'import sys; print(sys.prefix == sys.base_prefix, sys.version_info[:2])'", given.work
        )
    assert said.split(maxsplit=1) == ["True", f"{sys.version_info[:2]}\n"]


def test_a_program_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FileNotFoundError, match="make is not on PATH"):
        room.programs()


def test_the_readme_tells_the_path() -> None:
    told = told_by(README)
    assert told.serve == "make dev"
    assert "swapPrice" in told.query
    assert told.plugin == (
        ".venv/bin/colonnade new plugin ratings",
        "cd colonnade-ratings && ../.venv/bin/pytest",
    )


@pytest.mark.parametrize("lost", ["## Two commands", "## A first query", "## Add a plugin"])
def test_a_readme_that_tells_no_longer_is_noticed(lost: str) -> None:
    with pytest.raises(NotTold):
        told_by(README.replace(lost, "## Something else"))


def test_a_step_that_fails_ends_the_path_with_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(Stumbled, match="status 3:\nno, thank you"):
        Journey(Room(tmp_path, {})).run("echo no, thank you; exit 3", tmp_path)


def test_what_serves_is_stopped_and_what_is_left_is_seen(tmp_path: Path) -> None:
    here = Room(tmp_path, {"PATH": os.defpath})
    for name in ("work/colonnade", "home", "tmp"):
        (tmp_path / name).mkdir(parents=True)
    script = tmp_path / "serve.sh"
    script.write_text("echo it runs on http://localhost:8000 now\nsleep 100\n")
    journey = Journey(here)
    with journey.serving("make dev", f"/bin/sh {script}", tmp_path) as url:
        assert url == "http://localhost:8000"
        assert any(str(script) in line for line in here.left_behind())
    assert here.left_behind() == []
    assert [name for name, _, _ in journey.steps] == ["make dev"]
    assert "| `make dev` | 0." in table(journey)


def test_who_serves_nothing_is_quoted(tmp_path: Path) -> None:
    with (
        pytest.raises(Stumbled, match="status 1:\nnothing today"),
        Journey(Room(tmp_path, {})).serving("make dev", "echo nothing today; exit 1", tmp_path),
    ):
        pass


def test_commands_after_a_plugin_was_begun_are_those_that_work_here(tmp_path: Path) -> None:
    """With neither pip nor the programs on PATH, as in the stranger's checkout."""
    bin_folder = Path(sys.executable).parent
    said = subprocess.run(
        [bin_folder / "colonnade", "new", "plugin", "ratings"],
        cwd=tmp_path,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "pip install" not in said
    assert f"  {bin_folder}/pytest && {bin_folder}/mypy\n  {bin_folder}/colonnade dev\n" in said
