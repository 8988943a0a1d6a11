"""What `re` compiles is compiled once, in a package, and means the same from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra import compiled_patterns

COMPILER: Any = vars(re)["_compiler"]

PATTERNS: list[tuple[str | bytes, int]] = [
    (r"(?P<name>[a-z_][a-z0-9_]*)\s*=\s*(\d+)?(?P=name)?", 0),
    (r"^(?:é|ß|[α-ω])+$", re.IGNORECASE | re.MULTILINE),
    (rb"[:\[,]\s*null", 0),
    ("null", 0),
    (b"null", 0),
    ("(?i:a)b|(?<=x)c{2,5}?", re.ASCII),
    ("a b # spaced", re.VERBOSE),
]
TEXTS = ["name=1name", "ÉSSα", ', "x": null', "aB", "Ab xcccccc", "ab", "null"]


@pytest.fixture(autouse=True)
def nothing_stays_known() -> Iterator[None]:
    re.purge()
    yield
    compiled_patterns.forget()
    re.purge()


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str | bytes]:
    """The patterns that are parsed from here on."""
    seen: list[str | bytes] = []
    parse = COMPILER._parser.parse

    def noticed(pattern: Any, *rest: Any) -> Any:
        seen.append(pattern)
        return parse(pattern, *rest)

    monkeypatch.setattr(COMPILER._parser, "parse", noticed)
    return seen


def found_by(pattern: re.Pattern[Any]) -> list[Any]:
    texts: list[Any] = [t.encode() if isinstance(pattern.pattern, bytes) else t for t in TEXTS]
    matches = [pattern.search(text) for text in texts]
    return [match and (match.span(), match.groups(), match.groupdict(), match.lastgroup) for match in matches]


def test_known_patterns_are_not_compiled_and_mean_the_same(parsed: list[str | bytes]) -> None:
    with compiled_patterns.recorded() as found:
        plain = [re.compile(pattern, flags) for pattern, flags in PATTERNS]
    assert len(parsed) == len(found) == len(PATTERNS)
    parsed.clear()
    re.purge()
    compiled_patterns.use(found)
    for before in plain:
        known = re.compile(before.pattern, before.flags & ~re.UNICODE)
        assert known is not before
        assert known == before, "the same code, flags and pattern"
        assert (known.groups, known.groupindex) == (before.groups, before.groupindex)
        assert found_by(known) == found_by(before)
    assert parsed == []


def test_patterns_that_are_not_known_are_compiled(parsed: list[str | bytes]) -> None:
    with compiled_patterns.recorded() as found:
        re.compile("a+", re.IGNORECASE)
    parsed.clear()
    compiled_patterns.use(found)
    assert re.compile("a+").fullmatch("AA") is None
    assert re.compile(b"a+", re.IGNORECASE).fullmatch(b"AA")
    assert parsed == ["a+", b"a+"]


def test_a_pattern_that_is_wrong_is_refused_as_ever() -> None:
    compiled_patterns.use({})
    with pytest.raises(re.error, match="unterminated character set"):
        re.compile("[")
    with compiled_patterns.recorded() as found, pytest.raises(re.error):
        re.compile("(")
    assert found == {}


def test_what_was_kept_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "kept"
    with compiled_patterns.recorded() as found:
        for pattern, flags in PATTERNS:
            re.compile(pattern, flags)
    compiled_patterns.keep(found, file)
    monkeypatch.setattr(compiled_patterns, "FILE", file)
    assert compiled_patterns.kept() == found
    first = file.read_bytes()
    compiled_patterns.keep(dict(reversed(found.items())), file)
    assert file.read_bytes() == first


@pytest.mark.parametrize("content", [b"", b"\0" * 32, b"\x00\x01"])
def test_the_code_of_another_python_is_not_read(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled_patterns, "FILE", tmp_path / "kept")
    assert compiled_patterns.kept() == {}, "there is none outside a package"
    (tmp_path / "kept").write_bytes(content)
    assert compiled_patterns.kept() == {}


def test_re_compiles_for_itself_afterwards() -> None:
    before = COMPILER.compile
    with compiled_patterns.recorded():
        pass
    compiled_patterns.use({})
    assert COMPILER.compile is not before
    compiled_patterns.forget()
    compiled_patterns.forget()
    assert COMPILER.compile is before
    assert COMPILER._sre.__name__ == "_sre"
