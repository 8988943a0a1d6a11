"""`colonnade lock` writes down what an application is made of, and notices what has changed since."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from colonnade.cli import main
from colonnade.errors import ConfigurationError
from colonnade.lock import Lock
from colonnade.plugin import sdk_version
from tests.cli.workspace import plugin_source, write, write_application, write_installed, write_plugin

INSTALLED_TOO = """
from colonnade.composer import compose
from colonnade.registry import Registry
from colonnade.roots import CoreQuery

def application(on_plugin_failure="abort"):
    registry = Registry(on_plugin_failure)
    registry.add_modules(["parts.alpha"])
    registry.add_entry_points()
    return compose(registry, CoreQuery)
"""


@pytest.fixture
def site(folder: Path) -> Path:
    """An application with a plugin of its own and an installed one, where the latter is installed."""
    site = folder / "site"
    write_application(folder, {"alpha": plugin_source("alpha")})
    write(folder, {"the_app.py": INSTALLED_TOO})
    write_installed(
        site,
        "a-plugin",
        files={"omega_module.py": plugin_source("omega", version="0")},
        offers="omega = omega_module",
    )
    sys.path.append(str(site))
    return site


def test_plugins_are_locked_with_their_distributions_and_ranges(folder: Path, site: Path) -> None:
    assert main(["lock"]) == 0

    assert json.loads((folder / "plugins.lock.json").read_text()) == {
        "colonnade": sdk_version(),
        "plugins": {
            "alpha": {"version": "1.2.0", "distribution": None, "sdk": ">=1.0,<2"},
            "omega": {"version": "1.0", "distribution": "a-plugin", "sdk": ">=1.0,<2"},
        },
    }
    assert "omegaWord: String" in (folder / "schema" / "schema.graphql").read_text()
    assert main(["lock", "--check"]) == 0


def test_a_plugin_that_is_missing_from_a_deployment_fails_the_check(
    folder: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["lock"])
    sys.path.remove(str(site))

    assert main(["lock", "--check"]) == 1

    said = capsys.readouterr().out
    assert "- plugin omega is locked (a-plugin 1.0, for colonnade >=1.0,<2) and is not here" in said
    assert "- Field Query.omegaWord was removed." in said


def test_a_plugin_that_fails_is_missing_with_its_reason(
    folder: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["lock"])
    write(site, {"omega_module.py": "raise RuntimeError('no key')"})
    del sys.modules["omega_module"]

    assert main(["lock", "--check"]) == 1
    assert "- plugin omega (a-plugin 1.0): import failed: RuntimeError: no key" in capsys.readouterr().out


def test_another_version_and_a_plugin_too_many_fail_the_check(
    folder: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["lock"])
    file = folder / "plugins.lock.json"
    locked = json.loads(file.read_text())
    locked["plugins"]["omega"]["version"] = "0.9"
    del locked["plugins"]["alpha"]
    file.write_text(json.dumps(locked))

    assert main(["lock", "--check"]) == 1

    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [
        "- plugin alpha is here (the application 1.2.0, for colonnade >=1.0,<2) and is not locked",
        "- plugin omega is locked as a-plugin 0.9, for colonnade >=1.0,<2, and here it is a-plugin 1.0, "
        "for colonnade >=1.0,<2",
    ]


def test_a_plugin_that_fails_cannot_be_locked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_application(folder, {"alpha": plugin_source("alpha", sdk=">=99")})

    assert main(["lock"]) == 1
    assert "needs colonnade >=99" in capsys.readouterr().err
    assert not (folder / "plugins.lock.json").exists()


def test_nothing_is_locked_where_the_schema_breaks_clients(
    folder: Path, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["lock"])
    locked = (folder / "plugins.lock.json").read_text()
    sys.path.remove(str(site))

    assert main(["lock"]) == 1
    assert "- Field Query.omegaWord was removed." in capsys.readouterr().err
    assert (folder / "plugins.lock.json").read_text() == locked


def test_a_lock_that_was_never_written_fails_the_check(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_application(folder, {})

    assert main(["lock", "--check"]) == 1
    assert f"- there is no {folder / 'plugins.lock.json'}" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"colonnade": "1", "plugins": {"a": {"version": "1"}}}'])
def test_what_is_no_lock_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="not a lock of plugins"):
        Lock.parse(text)


def test_a_plugin_on_its_own_has_nothing_to_lock(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_plugin(folder, "delta", plugin_source("delta"))

    assert main(["lock"]) == 2
    assert "nothing to lock" in capsys.readouterr().err
