"""Every code with which the server refuses a request is in the documentation of HTTP."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "http.md").read_text()
SOURCES = [*(ROOT / "sdk" / "src" / "colonnade" / "server").glob("*.py")]
CODES = sorted(
    {code for source in SOURCES for code in re.findall(r'"([A-Z]+(?:_[A-Z]+)+)"', source.read_text())}
)


@pytest.mark.parametrize("code", [*CODES, "INTERNAL", "UNAVAILABLE", "UNAUTHENTICATED", "BAD_USER_INPUT"])
def test_a_code_is_explained(code: str) -> None:
    assert re.search(rf"^\| .*`{code}`.* \| .*\d\d\d", PAGE, re.MULTILINE)


def test_no_code_is_explained_that_there_is_not() -> None:
    text = "".join(path.read_text() for path in (ROOT / "sdk" / "src" / "colonnade").rglob("*.py"))
    for code in re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", PAGE[PAGE.index("| code |") :]):
        assert f'"{code}"' in text
