"""Opaque cursors: positions in a list, signed so that a client can neither make nor move one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Final

from colonnade.errors import ConfigurationError, InvalidCursor

_TAG_BYTES: Final = 16
# The longest keys of a table and an index, every character of them escaped.
_MAX_CURSOR: Final = 64 * 1_024


class CursorSigner:
    """Signs positions with a key of at least 32 bytes that every sandbox of a deployment shares.

    A cursor is bound to its `scope`, which names the list and its filters: it opens nowhere else.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ConfigurationError("the cursor key needs at least 32 bytes")
        self._key = key

    def __repr__(self) -> str:
        return "CursorSigner(…)"

    def sign(self, scope: str, position: Sequence[str | int]) -> str:
        """The cursor of `position`: URL-safe text."""
        body = json.dumps(list(position), separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._tag(scope, body) + body).rstrip(b"=").decode()

    def open(self, scope: str, cursor: str) -> tuple[str | int, ...]:
        """The position of a cursor. Raises `InvalidCursor` for any text that `sign` did not make for `scope`."""
        refusal = InvalidCursor(
            "this cursor does not belong to this list; take one from its pageInfo or edges"
        )
        if len(cursor) > _MAX_CURSOR:
            raise refusal
        try:
            raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise refusal from None
        if base64.urlsafe_b64encode(raw).rstrip(b"=") != cursor.encode():
            raise refusal  # the last character has bits that do not count: one position has one cursor
        tag, body = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        if not hmac.compare_digest(tag, self._tag(scope, body)):
            raise refusal
        return tuple(json.loads(body))

    def _tag(self, scope: str, body: bytes) -> bytes:
        # A scope may name a filter of the client's, and so hold a lone surrogate, which JSON lets through.
        named = scope.encode(errors="surrogatepass")
        message = len(named).to_bytes(4, "big") + named + body
        return hmac.new(self._key, message, hashlib.sha256).digest()[:_TAG_BYTES]
