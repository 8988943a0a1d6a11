"""No two plugins read one variable, or keep their settings under one class."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from colonnade.errors import ConflictError
from tests.composition.building import compose_modules, plugin_module


@dataclass(frozen=True, slots=True)
class AlarmSettings:
    seconds: int = 1


@dataclass(frozen=True, slots=True)
class WideSettings:
    alarm_seconds: int = 1


def test_settings_that_read_one_variable_or_share_a_class_are_refused() -> None:
    with pytest.raises(ConflictError) as caught:
        compose_modules(
            plugin_module("price-alarm", settings=AlarmSettings),
            plugin_module("other", settings=AlarmSettings),
            plugin_module("price", settings=WideSettings),
        )
    assert caught.value.problems == (
        "settings AlarmSettings are declared by both 'price-alarm' and 'other'; give each plugin a class of its own",
        "variable PRICE_ALARM_SECONDS would be read by both 'price-alarm' and 'price'; rename one of the settings",
    )
