"""Tables in our Markdown are shown as tables: each run of rows begins with a heading and its line."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = subprocess.run(
    ["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.splitlines()


def stray_rows(text: str) -> Iterator[str]:
    """Rows that a blank line, or a missing heading, has cut off from any table."""
    lines = ["", *text.splitlines(), ""]
    for before, row, after in zip(lines, lines[1:], lines[2:], strict=False):
        begins = row.startswith("|") and not before.startswith("|")
        if begins and not re.fullmatch(r"\|[\s:|-]*-[\s:|-]*", after):
            yield row


@pytest.mark.parametrize("page", PAGES)
def test_every_row_belongs_to_a_table(page: str) -> None:
    assert list(stray_rows((ROOT / page).read_text())) == []


def test_a_row_after_a_blank_line_is_found() -> None:
    assert list(stray_rows("| a | b |\n|---|:-:|\n| 1 | 2 |\n\n| 3 | 4 |\n")) == ["| 3 | 4 |"]
