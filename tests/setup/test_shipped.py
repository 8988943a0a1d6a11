"""SECURITY.md shows everything that ships, and what asks for more than to be named does not ship."""

from __future__ import annotations

import json
from email.message import Message
from pathlib import Path
from typing import Any, Final

import pytest

from infra.local.shipped import npm, python
from infra.local.shipped.__main__ import PAGE, deployed, filled, main, page_of_graphiql, refusal
from infra.local.shipped.component import Component, NotExplained
from infra.local.shipped.licences import is_allowed, licence_of
from infra.local.toolchain import ROOT

LOCK: Final = """\
boto3==1.44.5 \\
    --hash=sha256:00
    # via colonnade-app (pyproject.toml)
cryptography==48.0.1 ; platform_machine == 'x86_64' and sys_platform == 'darwin' \\
    --hash=sha256:00
    # via colonnade-app (pyproject.toml)
six[extra]==1.17.0 \\
    --hash=sha256:00
    # via
    #   -c (workspace)
    #   boto3
    #   python-dateutil
"""


def written(**fields: str | list[str]) -> Message:
    message = Message()
    for name, values in fields.items():
        for value in [values] if isinstance(values, str) else values:
            message[name.replace("_", "-")] = value
    return message


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-3-Clause", True),
        ("(GPL-3.0-only OR Apache-2.0)", True),
        ("MIT AND BSD", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("MIT AND (GPL-3.0-only OR (MIT AND AGPL-3.0-only))", False),
        ("(MIT", False),
        ("MIT AND GPL-3.0-only", False),
        ("MIT AND GPL-3.0-only OR LGPL-2.1", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("(MIT OR GPL-3.0-only) AND (AGPL-3.0-only)", False),
        ("UNLICENSED", False),
        ("unknown", False),
        ("", False),
    ],
)
def test_only_licences_that_ask_to_be_named_may_ship(licence: str, allowed: bool) -> None:
    assert is_allowed(licence) is allowed


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        (
            written(License_Expression="MIT OR ISC", Classifier="License :: OSI Approved :: BSD License"),
            "MIT OR ISC",
        ),
        (written(Classifier=["Topic :: Security", "License :: OSI Approved :: MIT License"]), "MIT"),
        (
            written(Classifier=["License :: OSI Approved :: BSD License", "License :: Public Domain"]),
            "BSD AND Public Domain",
        ),
        (
            written(Classifier="License :: OSI Approved :: GNU General Public License v3 (GPLv3)"),
            "GNU General Public License v3 (GPLv3)",
        ),
        (written(License="Apache License 2.0"), "Apache-2.0"),
        (written(License="MIT License\n\nPermission is hereby granted, …"), "unknown"),
        (written(Name="nothing"), "unknown"),
    ],
)
def test_licence_of_a_distribution_is_what_it_states(metadata: Message, licence: str) -> None:
    assert licence_of(metadata) == licence


def test_lock_says_what_lambda_loads_and_who_needs_it() -> None:
    assert list(python.distributions(LOCK, {"boto3": "asks AWS"})) == [
        Component("boto3", "1.44.5", "Apache-2.0", "asks AWS"),
        Component("six", "1.17.0", "MIT", "for boto3, python-dateutil"),
    ]


def test_direct_requirement_without_a_reason_is_refused() -> None:
    with pytest.raises(NotExplained, match=r"boto3 ships, and REASONS .* does not say what for"):
        list(python.distributions(LOCK, {}))


def test_plugin_of_others_needs_no_reason_and_has_to_be_installed_to_state_a_licence() -> None:
    lock = "colonnade-unheard-of==1.0 \\\n    # via colonnade-app (pyproject.toml:plugins)\n"
    (plugin,) = python.distributions(lock)
    assert plugin == Component("colonnade-unheard-of", "1.0", "unknown", "a plugin of this deployment")
    assert "replace it" in refusal(plugin)


def test_bundle_is_what_npm_would_find_from_each_package() -> None:
    packages: dict[str, dict[str, Any]] = {
        "": {},
        "node_modules/page": {"version": "1", "license": "MIT", "dependencies": {"part": "*", "absent": "*"}},
        "node_modules/page/node_modules/part": {"version": "2", "dependencies": {"deep": "*"}},
        "node_modules/part": {"version": "3", "license": "GPL-3.0-only"},
        "node_modules/deep": {"version": "4", "license": "ISC", "dependencies": {"page": "*"}},
    }
    assert list(npm.bundled({"packages": packages}, {"page": "shows it"})) == [
        Component("deep", "4", "ISC", "for part"),
        Component("page", "1", "MIT", "shows it"),
        Component("part", "2", "unknown", "for page"),
    ]


def test_everything_that_graphiqls_bundle_holds_is_shown() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    places = json.loads((ROOT / "build" / "graphiql-packages.json").read_text())
    shown = {(each.name, each.version) for each in page_of_graphiql()}
    held = {(place.rpartition("node_modules/")[2], lock[place]["version"]) for place in places}
    assert len(held) > 40
    assert held <= shown, held - shown


def test_everything_that_ships_here_may() -> None:
    assert [each for each in (*deployed(), *page_of_graphiql()) if not is_allowed(each.licence)] == []


def test_page_is_found_stale_and_mended(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "SECURITY.md"
    page.write_text(filled(PAGE.read_text(), "python", [Component("left-pad", "1", "MIT", "pads")]))
    assert main(["--check"], page) == 1
    assert "does not show what the locks say" in capsys.readouterr().err
    assert main([], page) == 0
    assert page.read_text() == PAGE.read_text()
    assert main(["--check"], page) == 0


def test_page_without_a_place_for_the_table_is_an_error() -> None:
    with pytest.raises(ValueError, match="no table between <!-- shipped:python -->"):
        filled("# Security", "python", [])
