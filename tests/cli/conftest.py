"""A folder of its own for each test of the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working directory; what is imported from it is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    # Sources that a test changes keep their length and their second, by which bytecode is told to be stale.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    invalidate_caches()
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        spec = sys.modules[name].__spec__
        places = [spec.origin or "", *(spec.submodule_search_locations or ())] if spec else []
        if any(place.startswith(str(tmp_path)) for place in places):
            del sys.modules[name]
