"""`python -m infra.package` and `python -m infra.local.invoke`, as a person runs them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from infra import package as command
from infra.local import invoke
from infra.packaging import DEPLOYED, Package, PackagingFailed, Sources, Target, Unpacked, build
from infra.packaging.bytecode import interpreter
from tests.packaging.small import small_checkout

ECHO = """
import os
def handler(event, context):
    if "fail" in event:
        raise ValueError("no such thing")
    return {"event": event, "told": os.environ.get("GREETING"), "virtual": os.environ.get("VIRTUAL_ENV")}
"""


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Sequence[str]]:
    """With what arguments templates were rendered; packages are those of a small checkout."""
    asked: list[Sequence[str]] = []

    def small(target: Target, folder: Path, sources: Sources) -> Package:
        return build(target, tmp_path / "out", small_checkout(tmp_path / "checkout", "six"))

    def render(arguments: Sequence[str]) -> int:
        asked.append(arguments)
        return 0

    monkeypatch.setattr(command, "build", small)
    monkeypatch.setattr(command, "render", render)
    return asked


def test_packaging_shows_the_sizes_and_renders_the_template(
    rendered: list[Sequence[str]], capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    assert command.main(["--graphiql", "--stage", "prod"]) == 0
    assert rendered == [["--stage", "prod"]]
    said = capsys.readouterr().out
    assert "Python 3.13, aarch64-manylinux_2_28" in said
    assert all(name in said for name in ("layer.zip", "app.zip", "250 MB"))
    if interpreter(DEPLOYED.python):
        [warned] = caplog.messages
        assert "no function starts here" in warned
        assert "compiled_patterns" in warned


def test_where_packaging_fails_nothing_is_rendered(
    rendered: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> Package:
        raise PackagingFailed("cffi has no wheel for the target")

    monkeypatch.setattr(command, "build", fail)
    assert command.main([]) == 1
    assert rendered == []
    assert capsys.readouterr().err == "cffi has no wheel for the target\n"


@pytest.fixture
def event(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with an event, for a function that says what it was told."""
    (tmp_path / "task").mkdir()
    (tmp_path / "task" / "echo.py").write_text(ECHO)
    monkeypatch.setattr(invoke, "kept_package", lambda: None)
    monkeypatch.setattr(invoke, "unpacked", lambda _: Unpacked(tmp_path / "layer", tmp_path / "task"))
    monkeypatch.setenv("GREETING", "hello")
    monkeypatch.setenv("VIRTUAL_ENV", "/somewhere")
    file = tmp_path / "event.json"
    file.write_text('{"text": "ä"}')
    return file


def test_a_function_is_run_with_the_variables_of_the_shell(
    event: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoke.main(["echo.handler", str(event), "--times", "2"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"event": {"text": "ä"}, "told": "hello", "virtual": None}
    assert printed.err.count("answered in") == 2


@pytest.mark.parametrize(
    ("content", "function", "reason"),
    [
        ('{"fail": true}', "echo.handler", "ValueError: no such thing"),
        ("{}", "echo.absent", "Handler 'absent' missing"),
        ("no JSON", "echo.handler", "Expecting value"),
    ],
)
def test_what_goes_wrong_is_said(
    event: Path, capsys: pytest.CaptureFixture[str], content: str, function: str, reason: str
) -> None:
    event.write_text(content)
    assert invoke.main([function, str(event)]) == 1
    assert reason in capsys.readouterr().err
