"""Settings are looked at as a whole: everything that is wrong with them is found at once, and no secret is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from colonnade.diagnosis import Finding, Severity, examine_settings
from colonnade.settings import load, secret, setting


@dataclass(frozen=True, slots=True)
class BakerySettings:
    key: str = secret("Opens the door.")
    loaves: int = setting(10, "How many.")
    hours: tuple[int, ...] = setting((7,), "When.")
    closed: bool = setting(False, "Whether nobody may come.")
    door: str | None = setting(None, "Which one.", deprecated="set BAKERY_HOURS instead")

    def __post_init__(self) -> None:
        if len(self.key) < 4:
            raise ValueError("BAKERY_KEY needs at least 4 characters")
        if self.loaves < 0:
            raise ValueError("BAKERY_LOAVES is not negative")
        if self.closed and self.hours:
            raise ValueError("BAKERY_CLOSED contradicts BAKERY_HOURS")


def examined(environ: Mapping[str, str]) -> list[Finding]:
    return list(examine_settings([("bakery", BakerySettings)], environ, others={"PORT"}))


def found(environ: Mapping[str, str]) -> list[tuple[Severity, str, str]]:
    """What is not as it should be."""
    return [(f.severity, f.about, f.text) for f in examined(environ) if f.severity != "ok"]


def test_what_is_as_it_should_be_is_said_too() -> None:
    assert [str(finding) for finding in examined({"BAKERY_KEY": "hunter2", "PORT": "1", "HOME": "/"})] == [
        "BakerySettings: can be read"
    ]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"BAKERY_KEY": None}, ("problem", "BAKERY_KEY", "is not set")),
        ({"BAKERY_LOAVES": "many"}, ("problem", "BAKERY_LOAVES", "'many' is not of type int")),
        ({"BAKERY_LOAVES": "-1"}, ("problem", "BAKERY_LOAVES", "is not negative")),
        ({"BAKERY_KEY": "abc"}, ("problem", "BAKERY_KEY", "BAKERY_KEY needs at least 4 characters")),
        ({"BAKERY_CLOSED": "yes"}, ("problem", "BAKERY_CLOSED", "contradicts BAKERY_HOURS")),
        ({"BAKERY_DOOR": "left"}, ("warning", "BAKERY_DOOR", "is deprecated")),
        ({"BAKERY_LOAFS": "3"}, ("problem", "BAKERY_LOAFS", "nothing reads it")),
        ({"BAKRY_LOAVES": "3"}, ("problem", "BAKRY_LOAVES", "nothing reads it")),
        ({"BAKERY_SOMETHING_ELSE": "3"}, ("warning", "BAKERY_SOMETHING_ELSE", "nothing reads it")),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_fault_is_found(
    variables: Mapping[str, str | None], expected: tuple[Severity, str, str]
) -> None:
    chosen = {"BAKERY_KEY": "hunter2", **variables}
    ((severity, about, text),) = found({name: value for name, value in chosen.items() if value is not None})
    assert (severity, about) == expected[:2]
    assert text == expected[2]


def test_all_faults_are_found_at_once() -> None:
    environ = {
        "BAKERY_KEY": "hunter2",
        "BAKERY_LOAVES": "-1",
        "BAKERY_HOURS": "7, eight",
        "BAKERY_CLOSED": "true",
        "BAKERY_DOOR": "left",
        "BAKERY_LOAFS": "3",
    }
    assert [(severity, about) for severity, about, _ in found(environ)] == [
        ("problem", "BAKERY_HOURS"),
        ("warning", "BAKERY_DOOR"),
        ("problem", "BAKERY_LOAVES"),
        ("problem", "BAKERY_CLOSED"),
        ("problem", "BAKERY_LOAFS"),
    ]


def test_what_a_name_was_meant_for_is_suggested() -> None:
    (finding,) = (f for f in examined({"BAKERY_KEY": "hunter2", "BAKERY_LOAFS": "3"}) if f.severity != "ok")
    assert finding.remedy == "did you mean BAKERY_LOAVES?"


def test_a_secret_is_never_shown() -> None:
    @dataclass(frozen=True, slots=True)
    class Keys:
        numbers: tuple[int, ...] = secret("Of the safe.")

    findings = examine_settings([("safe", Keys)], {"SAFE_NUMBERS": "hunter2", "SAFE_NUMBER": "hunter3"})
    assert "hunter" not in str([str(finding) for finding in findings])


def test_a_deprecated_variable_still_counts() -> None:
    assert (
        load(BakerySettings, {"BAKERY_KEY": "hunter2", "BAKERY_DOOR": "left"}, prefix="bakery").door == "left"
    )
