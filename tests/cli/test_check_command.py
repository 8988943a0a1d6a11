"""`colonnade check` says everything that is wrong, all at once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from colonnade.cli import main
from tests.cli.workspace import plugin_source, write_application, write_installed, write_plugin

WITH_SETTINGS = """
from dataclasses import dataclass
from colonnade import Plugin
from colonnade.settings import secret, setting

@dataclass(frozen=True, slots=True)
class Settings:
    pages: int = setting(3, "How many.")
    key: str = secret("The key of something.", default="none")
    ratio: float = setting("a half", "Wrong by default.")

plugin = Plugin("settled", sdk=">=1.0,<2", settings=Settings)
"""


def test_a_sound_application_passes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_application(folder, {"alpha": plugin_source("alpha"), "beta": plugin_source("beta")})

    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("all is well with alpha, beta: ")


def test_failures_breaches_and_settings_are_reported_together(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    undescribed = plugin_source("alpha").replace('description="A word."', "")
    write_application(
        folder, {"alpha": undescribed, "beta": plugin_source("beta", sdk=">=99"), "settled": WITH_SETTINGS}
    )

    assert main(["check"]) == 1

    problems = capsys.readouterr().out.splitlines()
    assert len(problems) == 3
    assert problems[0].startswith("- plugin beta (module parts.beta): needs colonnade >=99")
    assert problems[1] == "- descriptions: Query.alphaWord has no description"
    assert problems[2].startswith("- settings of settled: Settings: ratio: ")


def test_settings_are_checked_as_the_environment_has_them(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_application(folder, {"settled": WITH_SETTINGS.replace('"a half"', "0.5")})
    monkeypatch.setenv("SETTLED_PAGES", "many")

    assert main(["check"]) == 1
    assert "SETTLED_PAGES: 'many' is not of type int" in capsys.readouterr().out

    monkeypatch.setenv("SETTLED_PAGES", "4")
    assert main(["check"]) == 0


def test_contradictions_are_all_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    same_field = plugin_source("beta").replace("beta_word", "alpha_word")
    write_application(
        folder,
        {"alpha": plugin_source("alpha"), "beta": same_field, "gamma": plugin_source("gamma", target="Moon")},
    )

    assert main(["check"]) == 1
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.parametrize("package", ["schema", "plugins", "handlers", "infra"])
def test_a_plugin_that_brings_a_package_named_like_a_folder_of_ours_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], package: str
) -> None:
    write_application(folder, {"alpha": plugin_source("alpha")})
    site = folder / "site"
    write_installed(site, "a-plugin", files={}, requires="a-library[fast]", offers="omega = omega_module")
    write_installed(site, "a-library", files={}, requires='validator; extra == "fast"')
    write_installed(site, "validator", files={f"{package}/__init__.py": ""})
    sys.path.append(str(site))

    assert main(["check"]) == 1
    assert (
        f"- plugin omega (a-plugin) brings the distribution validator, whose package {package!r} would shadow"
        in capsys.readouterr().out
    )


def test_such_a_package_that_no_plugin_brings_is_nobodys_fault(folder: Path) -> None:
    write_application(folder, {"alpha": plugin_source("alpha")})
    site = folder / "site"
    write_installed(site, "a-plugin", files={}, requires="a-library", offers="omega = omega_module")
    write_installed(site, "a-library", files={}, requires='validator; extra == "fast"')
    write_installed(site, "validator", files={"schema/__init__.py": ""})
    sys.path.append(str(site))

    assert main(["check"]) == 0


def test_a_plugin_on_its_own_is_checked_with_stand_ins(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_plugin(folder, "delta", plugin_source("delta", target="Creator"))

    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("all is well with delta, stand-ins: ")
