"""Pages that may open a WebSocket."""

from __future__ import annotations

import pytest

from handlers.origins import is_allowed


@pytest.mark.parametrize("allowed", [(), ("*",), ("loopback",), ("https://app.example",)])
def test_programs_that_are_no_browsers_have_no_origin_and_may_connect(allowed: tuple[str, ...]) -> None:
    assert is_allowed(None, allowed)


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:3000", "https://shop.localhost"],
)
def test_pages_of_this_machine_are_loopback(origin: str) -> None:
    assert is_allowed(origin, ("loopback",))
    assert not is_allowed(origin, ("https://app.example",))


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://localhost.evil.example",
        "https://evil.example/localhost",
        "https://localhost@evil.example",
        "null",
        "",
        "http://[broken",
    ],
)
def test_other_pages_are_not(origin: str) -> None:
    assert not is_allowed(origin, ("loopback", "https://app.example"))
    assert is_allowed(origin, ("*",))


def test_origins_are_compared_as_a_whole() -> None:
    allowed = ("https://App.example/",)
    assert is_allowed("https://app.example", allowed)
    assert not is_allowed("http://app.example", allowed)
    assert not is_allowed("https://app.example:8443", allowed)
    assert not is_allowed("https://app.example.evil.example", allowed)
