"""What browsers are told to be wary of, with every answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

HEADERS: Final[Mapping[str, str]] = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000",
}
"""Of every answer. Two years of HTTPS; a browser ignores that where it came by HTTP, as on a laptop."""

DATA: Final[Mapping[str, str]] = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Of answers that are data, or a page that says nothing else: nobody keeps them, shows them in a frame, or runs them."""
