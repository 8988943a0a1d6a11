"""Settings come from the environment, all problems are told at once, and secrets are never shown."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from typing import Literal, NewType, cast

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


Wei = NewType("Wei", int)
GasPrice = NewType("GasPrice", Wei)
Careful = NewType("Careful", bool)

READ: list[tuple[object, str, object]] = [
    (GasPrice, "7", 7),
    (Careful, " true\n", True),
    (Literal["abort", "skip"], "skip", "skip"),
    (int | str, "seven", "seven"),
    (int | None, "", None),
    (tuple[str, int], "oak, 7", ("oak", 7)),
    (tuple[Wei, ...], "1,2", (1, 2)),
    (float, "-0.0", 0.0),
]
REFUSED: list[tuple[object, str, str]] = [
    (Literal["abort", "skip"], "panic", "is not one of abort, skip"),
    (float, "nan", "is not of type float and finite"),
    (float, "1e400", "is not of type float and finite"),
    (int | float, "x", "is not of type int or of type float and finite"),
    (tuple[str, int], "oak", "is not 2 values with commas between them"),
    (Careful, "maybe", "is not true or false"),
    (frozenset[str], "a", "is not something an environment variable can hold: frozenset"),
]


@pytest.mark.parametrize(("annotation", "text", "value"), READ)
def test_text_is_read_as_its_annotation_says(annotation: object, text: str, value: object) -> None:
    settings = make_dataclass("Made", [("width", cast(type, annotation))], frozen=True)
    assert load(settings, {"WIDTH": text}) == settings(value)


@pytest.mark.parametrize(("annotation", "text", "problem"), REFUSED)
def test_text_of_another_form_is_refused_with_the_form(annotation: object, text: str, problem: str) -> None:
    settings = make_dataclass("Made", [("width", cast(type, annotation))], frozen=True)
    with pytest.raises(ConfigurationError, match=f"WIDTH: .* {problem}"):
        load(settings, {"WIDTH": text})


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
