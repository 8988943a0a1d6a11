"""Tests in a browser are skipped only where no browser can be had."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from infra.local import toolchain
from infra.local.toolchain import ToolMissing
from tests.fixtures.browser import pytest_runtest_setup

MARKED = cast(Any, SimpleNamespace(get_closest_marker=lambda name: name == "browser"))


def no_browser() -> None:
    raise ToolMissing("Chromium")


@pytest.mark.parametrize("system", [("darwin", "arm64"), ("linux", "arm64")])
def test_systems_without_a_packaged_browser_say_why_they_skip(
    monkeypatch: pytest.MonkeyPatch, system: tuple[str, str]
) -> None:
    monkeypatch.setattr(toolchain, "system", lambda: system)
    monkeypatch.setattr(toolchain, "chromium", no_browser)
    with pytest.raises(pytest.skip.Exception, match="Chromium is missing"):
        pytest_runtest_setup(MARKED)


def test_system_with_a_packaged_browser_never_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(toolchain, "system", lambda: ("linux", "amd64"))
    monkeypatch.setattr(toolchain, "chromium", no_browser)
    pytest_runtest_setup(MARKED)
