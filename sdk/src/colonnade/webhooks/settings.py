"""What a deployment chooses about its webhooks."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from colonnade.settings import secret

MIN_KEY_BYTES: Final = 32

_KEY_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")


@dataclass(frozen=True, slots=True)
class WebhooksSettings:
    """Raises ValueError for a key that cannot be one; it is never shown."""

    signing_keys: tuple[str, ...] = secret(
        "Keys that the secrets of webhook endpoints are derived from, as in b:<base64url of 32 bytes or more>,a:<…>; "
        "the first makes new secrets, each serves those that it made. Without any there are no webhooks.",
        default=(),
    )

    def __post_init__(self) -> None:
        self.by_id()

    def by_id(self) -> Mapping[str, bytes]:
        """The keys by their ids, the one for new secrets first. Raises ValueError, which shows none of them."""
        found: dict[str, bytes] = {}
        for position, entry in enumerate(self.signing_keys, start=1):
            name, _, encoded = entry.partition(":")
            try:
                key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
            except (binascii.Error, ValueError):
                key = b""
            if not _KEY_ID.fullmatch(name) or len(key) < MIN_KEY_BYTES:
                raise ValueError(
                    f"signing_keys, entry {position}: not of the form id:<base64url of {MIN_KEY_BYTES} bytes or more>"
                )
            if name in found:
                raise ValueError(f"signing_keys has two keys {name}: keep one")
            found[name] = key
        return found
