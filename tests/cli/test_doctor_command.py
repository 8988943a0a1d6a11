"""`colonnade doctor` looks at the variables of whatever is here, and says what is wrong with them, in one go."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from colonnade.cli import main
from tests.cli.workspace import plugin_source, write, write_application, write_plugin

WITH_SETTINGS = """
from dataclasses import dataclass

from colonnade import Plugin
from colonnade.settings import secret, setting

@dataclass(frozen=True)
class DeltaSettings:
    key: str = secret("Opens the door.")
    loaves: int = setting(10, "How many.")

plugin = Plugin("delta", sdk=">=1.0,<2", version="1.2.0", settings=DeltaSettings)
"""

DOCTOR = """
from colonnade.diagnosis import fine, problem, warning

def examine(environ, *, offline):
    yield problem("DOOR", "is open", "close it")
    yield fine("table", environ["TABLE"] + (" unseen" if offline else " stands"))
    yield warning("window", environ.get("COLONNADE_PARAMETERS", "is open"), "close it too")
"""


@pytest.fixture
def application(folder: Path) -> Path:
    """An application with a doctor of its own."""
    write_application(folder, {"alpha": plugin_source("alpha")})
    pyproject = (folder / "pyproject.toml").read_text() + 'doctor = "the_doctor:examine"\n'
    write(folder, {"pyproject.toml": pyproject, "the_doctor.py": DOCTOR, "here.env": "TABLE=ours\n"})
    return folder


def test_an_application_is_looked_at_by_its_own_doctor_the_worst_last(
    application: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--env-file", "here.env"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "ok       table: ours stands",
        "warning  window: is open; close it too",
        "problem  DOOR: is open; close it",
        "Problems: 1. Warnings: 1.",
    ]


def test_nobody_is_asked_offline_and_parameters_may_be_named(
    application: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--env-file", "here.env", "--offline", "--parameters", "/colonnade/prod"])
    said = capsys.readouterr().out
    assert "table: ours unseen" in said
    assert "window: /colonnade/prod" in said


def test_a_program_can_read_it(application: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--env-file", "here.env", "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert rows[-1] == {"severity": "problem", "about": "DOOR", "text": "is open", "remedy": "close it"}
    assert rows[0]["remedy"] is None


def test_a_plugins_author_has_a_doctor_without_any_application(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(folder, "delta", WITH_SETTINGS)
    monkeypatch.setenv("DELTA_LOAFS", "3")
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out.splitlines()[:2] == [
        "problem  DELTA_KEY: is not set; set it. Opens the door.",
        "problem  DELTA_LOAFS: nothing reads it; did you mean DELTA_LOAVES?",
    ]

    monkeypatch.delenv("DELTA_LOAFS")
    monkeypatch.setenv("DELTA_KEY", "hunter2")
    assert main(["doctor"]) == 0
    assert capsys.readouterr().out == "ok       DeltaSettings: can be read\nAll is well.\n"


def test_a_plugin_that_cannot_be_loaded_is_a_problem(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_application(folder, {"alpha": plugin_source("alpha", sdk=">=99")})
    assert main(["doctor"]) == 1
    assert "problem  plugins: plugin alpha" in capsys.readouterr().out


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\n\nDELTA_KEY=hunter2\n",
        "export DELTA_KEY='hunter2'\nDELTA_LOAVES=3 # of rye\n",
        '{"DELTA_KEY": "hunter2"}',
        '{"Variables": {"DELTA_KEY": "hunter2"}}',
    ],
)
def test_a_file_may_hold_the_environment_instead(
    folder: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_plugin(folder, "delta", WITH_SETTINGS)
    monkeypatch.setenv("DELTA_LOAVES", "many")
    (folder / "deployed").write_text(text)
    assert main(["doctor"]) == 1
    assert main(["doctor", "--env-file", "deployed"]) == 0


@pytest.mark.parametrize("text", ["hunter2\n", "{hunter2", '{"DELTA_KEY": ["hunter2"]}', "{}[]", None])
def test_a_file_that_holds_none_is_a_mistake_of_usage_and_not_shown(
    folder: Path, text: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    write_plugin(folder, "delta", WITH_SETTINGS)
    if text is not None:
        (folder / "deployed").write_text(text)
    assert main(["doctor", "--env-file", "deployed"]) == 2
    said = capsys.readouterr()
    assert "deployed" in said.err
    assert "hunter2" not in said.err + said.out


def test_a_key_is_made_of_32_random_bytes(capsys: pytest.CaptureFixture[str]) -> None:
    made = set()
    for _ in range(20):
        assert main(["new", "key"]) == 0
        made.add(capsys.readouterr().out)
    assert len(made) == 20
    assert {len(key.rstrip("\n")) for key in made} == {43}
