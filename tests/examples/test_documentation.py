"""What the documentation shows of plugins is what the example does, or a plugin that the tests use."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "plugins.md").read_text()
SNIPPETS = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
PATHS = [
    *(ROOT / "examples" / "applause" / "src").rglob("*.py"),
    ROOT / "plugins" / "identity" / "types" / "waitlist.py",
    ROOT / "tests" / "actions" / "paying.py",
    ROOT / "tests" / "indexing" / "chain_of_notes.py",
]
SOURCES = [path.read_text() for path in PATHS]


@pytest.mark.parametrize("snippet", SNIPPETS)
def test_a_snippet_is_from_the_example(snippet: str) -> None:
    in_a_class = indent(snippet, "    ")
    assert [source for source in SOURCES if snippet in source or in_a_class in source]
