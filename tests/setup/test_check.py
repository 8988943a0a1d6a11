import sys
from pathlib import Path

import pytest

from infra.local import check
from infra.local.check import Check


def passing(name: str) -> Check:
    return Check(name, (sys.executable, "-c", "print('quiet')"))


def failing(name: str, said: str = "broken") -> Check:
    return Check(name, (sys.executable, "-c", f"import sys; print({said!r}); sys.exit(3)"))


def test_every_check_runs_and_the_failed_ones_are_named_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check.main([], [failing("mypy"), passing("ruff"), failing("docs")]) == 1
    said = capsys.readouterr().out
    assert "ruff              ok" in said
    assert said.count("broken") == 2
    assert {"mypy", "docs"} == set(
        said.splitlines()[-1].removeprefix("Failed: ").removesuffix(".").split(", ")
    )


def test_a_passing_check_is_one_line_with_its_time(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main([], [passing("ruff")]) == 0
    line, summary = capsys.readouterr().out.splitlines()
    assert line.startswith("ruff              ok      0.")
    assert line.endswith(" s")
    assert summary == "All 1 checks passed."


def test_only_the_named_checks_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["ruff"], [failing("mypy"), passing("ruff")]) == 0
    assert "mypy" not in capsys.readouterr().out


def test_an_unknown_check_is_refused_with_the_names_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["mypi"], [passing("mypy"), passing("ruff")]) == 2
    assert capsys.readouterr().err == "No check is called mypi. There are: mypy, ruff.\n"


def test_a_check_whose_tool_is_missing_fails() -> None:
    outcome = check.run(Check("mypy", ("/nonexistent/mypy",)))
    assert not outcome.passed
    assert "/nonexistent/mypy" in outcome.said


def test_a_long_complaint_is_cut_and_its_command_shown(capsys: pytest.CaptureFixture[str]) -> None:
    check.main([], [failing("mypy", "\n".join(f"line {n}" for n in range(100)))])
    said = capsys.readouterr().out
    assert "… 40 lines before these: " in said
    assert sys.executable in said
    assert "line 39\n" not in said
    assert "line 40\nline 41\n" in said


def test_the_checks_have_names_of_their_own() -> None:
    names = [each.name for each in check.CHECKS]
    assert len(set(names)) == len(names)
    assert all(Path(each.directory).is_dir() for each in check.CHECKS)
