"""Signing keys as a deployment writes them down: `a1:private:<base64url>`, `a0:public:<base64url>`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from plugins.identity.tokens.base64url import decode

_KID: Final = re.compile("[A-Za-z0-9_.-]{1,64}")
_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A key. `raw`: 32 bytes, the seed of a private key or a public one."""

    kid: str
    is_private: bool
    raw: bytes = field(repr=False)


def parse_entries(entries: Sequence[str]) -> tuple[KeyEntry, ...]:
    """The keys of these entries, of which the first signs. Raises ValueError, which shows no key."""
    keys: list[KeyEntry] = []
    for position, entry in enumerate(entries, start=1):
        kid, kind, encoded = [*entry.split(":", 2), "", ""][:3]
        raw = decode(encoded)
        if not _KID.fullmatch(kid) or kind not in {"private", "public"} or raw is None or len(raw) != _BYTES:
            raise ValueError(
                f"signing_keys, entry {position}: not of the form a1:private:<base64url of 32 bytes> or "
                "a0:public:<base64url of 32 bytes> (it is not shown, it may hold a key)"
            )
        keys.append(KeyEntry(kid, kind == "private", raw))
    if not keys or not keys[0].is_private:
        raise ValueError("signing_keys: the first signs, so it is a private one")
    if len({key.kid for key in keys}) < len(keys):
        raise ValueError("signing_keys: each key has a kid of its own")
    return tuple(keys)
