"""This deployment's schema keeps the conventions that it asks of plugins."""

from __future__ import annotations

from colonnade.conventions import SchemaView, check
from schema.compose import application


def test_composed_schema_keeps_every_convention() -> None:
    assert check(SchemaView.of(application())) == []
