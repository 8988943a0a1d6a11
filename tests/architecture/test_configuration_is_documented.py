"""docs/configuration.md names every variable that a deployment reads."""

from __future__ import annotations

from dataclasses import fields
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
