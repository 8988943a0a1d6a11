"""The codes that only a WebSocket knows are in the documentation of it, and no others."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sockets.md").read_text()
SOURCES = sorted((ROOT / "sdk" / "src" / "colonnade" / "subscriptions").glob("*.py"))


def test_every_code_of_a_socket_is_explained_and_no_other() -> None:
    told = re.compile(r'(?:\(|\(\s+)"([A-Z]+(?:_[A-Z]+)*)",\s+"[a-z]')
    codes = {code for source in SOURCES for code in told.findall(source.read_text())}
    table = PAGE.partition("## Errors")[2].partition("## What AWS")[0]

    assert len(codes) >= 5
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", table, re.MULTILINE)) == codes
