"""Which pages may open a WebSocket: browsers ask nobody, and say only where the page came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

LOOPBACK: Final = "loopback"
ANY: Final = "*"

_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def is_allowed(origin: str | None, allowed: Sequence[str]) -> bool:
    """Whether a client whose `Origin` header is this may connect; programs that are no browsers have none.

    `allowed`: origins such as `https://app.example`, `loopback` for every page of this machine, `*` for all.
    """
    if origin is None or ANY in allowed:
        return True
    if LOOPBACK in allowed and _is_here(origin):
        return True
    return origin.lower() in {entry.lower().rstrip("/") for entry in allowed}


def _is_here(origin: str) -> bool:
    try:
        host = urlsplit(origin).hostname or ""
    except ValueError:
        return False
    return host in _HERE or host.endswith(".localhost")
