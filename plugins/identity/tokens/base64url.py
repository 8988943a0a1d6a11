"""Base64url without padding, in its one canonical spelling (RFC 7515, section 2)."""

from __future__ import annotations

import base64
import binascii


def encode(raw: bytes) -> str:
    """The text of `raw`."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes | None:
    """The bytes of a text that `encode` makes; None for any other."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return raw if encode(raw) == text else None
