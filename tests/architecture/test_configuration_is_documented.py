"""docs/configuration.md names every variable that a deployment reads, with what it is unless it is given."""

from __future__ import annotations

import re
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import pytest

from colonnade.limits import Limits
from colonnade.settings import variable
from infra.settings import PREFIX, DeploymentSettings
from schema.compose import application

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text()
SETTINGS: list[tuple[str, Any]] = [
    (PREFIX, DeploymentSettings),
    (PREFIX, Limits),
    *application().settings.items(),
]


@pytest.mark.parametrize(
    "name", [variable(prefix, field.name) for prefix, settings in SETTINGS for field in fields(settings)]
)
def test_variable_is_documented(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_page_names_no_variable_that_nothing_reads() -> None:
    read = {variable(prefix, field.name) for prefix, settings in SETTINGS for field in fields(settings)}
    local = {"PORT", "DYNAMODB", "COLONNADE_STATE"}
    named = {line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `")}
    assert named == read | local


DEFAULTS = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", PAGE, re.MULTILINE))


@pytest.mark.parametrize(
    ("name", "setting"),
    [(variable(prefix, field.name), field) for prefix, settings in SETTINGS for field in fields(settings)],
)
def test_default_is_the_documented_one(name: str, setting: Field[Any]) -> None:
    documented = DEFAULTS[name]
    assert documented.startswith("required, ") == (
        setting.default is MISSING and setting.default_factory is MISSING
    )
    assert ("secret" in documented) == bool(setting.metadata.get("secret"))
    if setting.default not in (MISSING, None, (), ""):
        values = setting.default if isinstance(setting.default, tuple) else (setting.default,)
        assert all(f"{value}".lower().removesuffix(".0") in documented.lower() for value in values)
