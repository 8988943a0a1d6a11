"""A hook exists because a plugin that ships uses it."""

from __future__ import annotations

from importlib import import_module

import pytest

import colonnade_applause
from colonnade.plugin import PROJECT
from colonnade.registry import HOOKS
from schema.compose import PLUGINS


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_is_used_by_a_plugin_that_ships(hook: str) -> None:
    shipped = [colonnade_applause, *map(import_module, PLUGINS)]

    assert [p for p in shipped if hasattr(getattr(p, hook, None), f"{PROJECT}_impl")]
