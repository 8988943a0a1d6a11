"""Settings come from the environment, all problems are told at once, and secrets are never shown."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from colonnade.errors import ConfigurationError
from colonnade.settings import load, secret, setting, validate


@dataclass(frozen=True, slots=True)
class ShelfSettings:
    width: int
    max_age: float = setting(2.0, "How long a reading is good for.")
    colours: tuple[str, ...] = setting((), "Colours on offer.")
    varnish: bool = setting(False, "Whether to varnish.")
    label: str | None = setting(None, "A label.")
    key: str = secret("The key of the shop.", default="")


def test_values_are_read_by_their_types() -> None:
    environ = {
        "SHELF_WIDTH": "80",
        "SHELF_MAX_AGE": "0.5",
        "SHELF_COLOURS": "oak, ash,",
        "SHELF_VARNISH": "yes",
        "SHELF_LABEL": "",
        "SHELF_KEY": "hunter2",
    }
    loaded = load(ShelfSettings, environ, prefix="shelf")
    assert loaded == ShelfSettings(80, 0.5, ("oak", "ash"), True, None, "hunter2")
    assert "hunter2" not in repr(loaded)


def test_defaults_stand_where_nothing_is_set() -> None:
    assert load(ShelfSettings, {"SHELF_WIDTH": "1"}, prefix="shelf") == ShelfSettings(1)


def test_every_problem_is_told_by_its_variable_and_no_secret_is_shown() -> None:
    @dataclass(frozen=True, slots=True)
    class Strict:
        width: int
        depth: int
        varnish: bool
        pin: int = secret("A pin.", default=0)

    with pytest.raises(ConfigurationError) as caught:
        load(Strict, {"DEPTH": "deep", "VARNISH": "maybe", "PIN": "hunter2"})
    message = str(caught.value)
    assert "WIDTH is not set: width" in message
    assert "DEPTH: 'deep' is not of type int" in message
    assert "VARNISH: 'maybe' is not true or false" in message
    assert "PIN: its value is not of type int" in message
    assert "hunter2" not in message


def test_rule_of_a_settings_class_becomes_a_configuration_error() -> None:
    @dataclass(frozen=True, slots=True)
    class Positive:
        width: int

        def __post_init__(self) -> None:
            if self.width <= 0:
                raise ValueError("width must be positive")

    with pytest.raises(ConfigurationError, match="Positive: width must be positive"):
        load(Positive, {"WIDTH": "-1"})


def test_thorough_validation_finds_wrong_types_and_hides_secrets() -> None:
    validate(ShelfSettings(1))
    wrong = ShelfSettings(width="wide", key=7)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError) as caught:
        validate(wrong)
    assert "width" in str(caught.value)
    assert "key: is not acceptable" in str(caught.value)
