"""What `dataclasses` generates is compiled once, in a package, and means the same from there."""

from __future__ import annotations

import builtins
import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra import generated_code


@pytest.fixture(autouse=True)
def nothing_stays_known() -> Iterator[None]:
    yield
    generated_code.forget()


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are compiled from here on."""
    texts: list[str] = []
    execute = builtins.exec

    def noticed(text: Any, *rest: Any) -> None:
        texts.append(text)
        execute(text, *rest)

    monkeypatch.setattr(builtins, "exec", noticed)
    return texts


def point() -> Any:
    """A class that is made anew at each call."""

    @dataclasses.dataclass(frozen=True, slots=True, order=True)
    class Point:
        x: int
        y: int = 0
        seen: list[str] = dataclasses.field(default_factory=list[str], compare=False)

    return Point


def test_known_methods_are_not_compiled_and_mean_the_same(compiled: list[str]) -> None:
    with generated_code.recorded() as found:
        plain = point()
    assert compiled
    compiled.clear()
    generated_code.use(found)
    known = point()
    assert compiled == []
    for cls in (plain, known):
        one = cls(1)
        assert repr(one).endswith("Point(x=1, y=0, seen=[])")
        assert one == cls(1, seen=["other"])
        assert hash(one) == hash(cls(1))
        assert one < cls(2)
        assert cls(1).seen is not one.seen
        with pytest.raises(dataclasses.FrozenInstanceError, match="x"):
            one.x = 2
        with pytest.raises(TypeError, match="missing 1 required positional argument"):
            cls()
    assert known(1) != plain(1)
    assert known.__init__.__module__ == __name__
    assert known.__init__.__qualname__ == plain.__init__.__qualname__


def test_methods_that_are_not_known_are_compiled(compiled: list[str]) -> None:
    generated_code.use({})
    assert point()(3).x == 3
    assert compiled


def test_what_was_kept_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "kept"
    with generated_code.recorded() as found:
        point()
    generated_code.keep(found, file)
    monkeypatch.setattr(generated_code, "FILE", file)
    assert generated_code.kept() == found
    first = file.read_bytes()
    generated_code.keep(dict(reversed(found.items())), file)
    assert file.read_bytes() == first


@pytest.mark.parametrize("content", [b"", b"\0" * 16, b"\x00\x01"])
def test_the_code_of_another_python_is_not_read(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generated_code, "FILE", tmp_path / "kept")
    assert generated_code.kept() == {}, "there is none outside a package"
    (tmp_path / "kept").write_bytes(content)
    assert generated_code.kept() == {}


def test_dataclasses_compiles_for_itself_afterwards() -> None:
    generated_code.use({})
    generated_code.forget()
    generated_code.forget()
    assert "exec" not in vars(dataclasses)
