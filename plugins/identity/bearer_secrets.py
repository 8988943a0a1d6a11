"""Secrets that whoever holds them may use: refresh tokens, API keys, codes of invitations.

Each holds 256 random bits (a code 128), so a plain SHA-256 is all its hash needs: a slow or salted hash protects what
people can guess, and nobody guesses these, while each use would pay for it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from dataclasses import dataclass, field
from typing import Final

from plugins.identity.tokens.base64url import decode, encode

REFRESH_PREFIX: Final = "ref_"
API_KEY_PREFIX: Final = "col_"

_BYTES: Final = 32
_CODE_BYTES: Final = 16
_ULID: Final = "[0-9A-HJKMNP-TV-Z]{26}"
_REFRESH_TOKEN: Final = re.compile(rf"ref_({_ULID})\.({_ULID})\.([A-Za-z0-9_-]{{86}})")
_API_KEY: Final = re.compile(r"col_([A-Za-z0-9_-]{43})([0-9a-f]{8})")
_CODE: Final = re.compile("[A-Za-z0-9_-]{22}")


def hashed(secret: bytes) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret).hexdigest()


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token, of which `family` stays the same through a session and `secret` is good for one use."""

    user: str
    session: str
    family: bytes = field(repr=False)
    secret: bytes = field(repr=False)

    @classmethod
    def first(cls, user: str, session: str) -> RefreshToken:
        """The first one of a session."""
        return cls(user, session, secrets.token_bytes(_BYTES), secrets.token_bytes(_BYTES))

    def successor(self) -> RefreshToken:
        """One to follow this."""
        return RefreshToken(self.user, self.session, self.family, secrets.token_bytes(_BYTES))

    @classmethod
    def parse(cls, text: str) -> RefreshToken | None:
        """The token that `text` shows, or None where it cannot be one."""
        found = _REFRESH_TOKEN.fullmatch(text)
        raw = decode(found[3]) if found else None
        if found is None or raw is None:
            return None
        return cls(f"usr_{found[1]}", f"ses_{found[2]}", raw[:_BYTES], raw[_BYTES:])

    def shown(self) -> str:
        """What the client keeps."""
        place = f"{self.user.removeprefix('usr_')}.{self.session.removeprefix('ses_')}"
        return f"{REFRESH_PREFIX}{place}.{encode(self.family + self.secret)}"


def new_api_key() -> str:
    """A fresh API key: `col_`, 43 random characters and a checksum of 8, so that scanners and typing errors show."""
    body = encode(secrets.token_bytes(_BYTES))
    return f"{API_KEY_PREFIX}{body}{_checksum(body)}"


def api_key_hash(text: str) -> str | None:
    """What is kept of an API key; None where the text cannot be one."""
    found = _API_KEY.fullmatch(text)
    if found is None or not secrets.compare_digest(_checksum(found[1]), found[2]):
        return None
    return hashed(text.encode())


def new_invitation_code() -> str:
    """A fresh code of an invitation."""
    return encode(secrets.token_bytes(_CODE_BYTES))


def invitation_hash(code: str) -> str | None:
    """What is kept of a code; None where the text cannot be one."""
    return hashed(code.encode()) if _CODE.fullmatch(code) else None


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode()):08x}"
