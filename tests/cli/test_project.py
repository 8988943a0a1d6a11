"""A command finds out by itself what it is about."""

from __future__ import annotations

from pathlib import Path

import pytest

from colonnade.cli import main
from colonnade.cli.project import Checkout, NoProject, PluginsAtHand, find_project, load_target
from colonnade.errors import ConfigurationError
from tests.cli.workspace import plugin_source, write, write_application, write_plugin


def test_an_application_is_found_from_any_folder_below_it(folder: Path) -> None:
    write_application(folder, {})
    write(folder, {"deep/down/pyproject.toml": "[project]\nname = 'something-else'\n"})

    project = find_project(folder / "deep" / "down")

    assert project == Checkout(folder, "the_app:application", "the_stack:main")


def test_a_plugins_folder_within_an_application_is_about_the_plugin(folder: Path) -> None:
    write_application(folder, {})
    write_plugin(folder / "examples" / "alpha", "alpha", plugin_source("alpha"))

    project = find_project(folder / "examples" / "alpha")

    assert isinstance(project, PluginsAtHand)
    assert [(point.name, point.value) for point in project.points] == [("alpha", "alpha_module")]


def test_where_there_is_nothing_the_ways_on_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plugins"]) == 2

    said = capsys.readouterr().err
    assert "there is neither an application nor a plugin here" in said
    assert "--plugin NAME" in said
    assert "colonnade new plugin NAME" in said


def test_a_plugin_that_is_not_installed_cannot_be_named(folder: Path) -> None:
    with pytest.raises(NoProject, match="no plugin 'nowhere' is installed"):
        find_project(folder, ["nowhere"])


@pytest.mark.parametrize(
    ("pyproject", "complaint"),
    [
        ("[tool.colonnade\n", "cannot be read"),
        ('[tool.colonnade]\napplication = "the_app:application"\n', "lacks local"),
        ('[tool.colonnade]\napplication = "the_app"\nlocal = "a:b"\n', "lacks application"),
    ],
)
def test_a_pyproject_that_does_not_say_enough_is_refused(
    folder: Path, pyproject: str, complaint: str
) -> None:
    write(folder, {"pyproject.toml": pyproject})

    with pytest.raises(ConfigurationError, match=complaint):
        find_project(folder)


@pytest.mark.parametrize(
    ("target", "complaint"),
    [
        ("no_such_module:application", "there is no no_such_module"),
        ("the_app:no_such_function", "the_app has no such function"),
    ],
)
def test_a_target_that_is_not_there_is_named_with_the_file_that_names_it(
    folder: Path, target: str, complaint: str
) -> None:
    write_application(folder, {})

    with pytest.raises(ConfigurationError, match=complaint) as refused:
        load_target(folder, target)
    assert str(folder / "pyproject.toml") in str(refused.value)


def test_what_importing_a_target_raises_is_raised_as_it_is(folder: Path) -> None:
    write(folder, {"half_an_app.py": "import a_module_that_is_missing\n"})

    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_missing"):
        load_target(folder, "half_an_app:application")


def test_an_application_that_is_not_a_composition_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_application(folder, {})
    write(folder, {"the_app.py": "def application(on_plugin_failure):\n    return 'a schema'\n"})

    assert main(["schema"]) == 1
    assert "the_app:application returned str, not a Composition" in capsys.readouterr().err
