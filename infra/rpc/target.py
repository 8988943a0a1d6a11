"""Where an endpoint is, with what must never be shown kept apart from what may."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qsl, unquote, urlsplit

from colonnade.errors import ConfigurationError

_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint's URL, taken apart. `name`: its host, all that messages and logs may say of it.

    Providers put keys into the path, the query and the user part, so these never appear in a `repr`.
    """

    name: str
    host: str
    port: int
    tls: bool
    path: str = field(repr=False)
    authorization: str | None = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)

    @classmethod
    def parse(cls, url: str, what: str) -> Target:
        """The target of an `http` or `https` URL. Raises `ConfigurationError`, which says `what` and not the URL."""
        wrong = ConfigurationError(
            f"{what}: not a URL like https://host/path (it is not shown, it may hold a key)"
        )
        if not _PRINTABLE.fullmatch(url):
            raise wrong
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise wrong from None
        if parts.scheme not in ("http", "https") or not host:
            raise wrong
        tls = parts.scheme == "https"
        user = (
            None if parts.username is None else f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        )
        return cls(
            name=parts.netloc.rpartition("@")[2],
            host=host,
            port=port if port is not None else (443 if tls else 80),
            tls=tls,
            path=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
            authorization=None if user is None else "Basic " + base64.b64encode(user.encode()).decode(),
            secrets=_secrets(parts.path, parts.query, parts.username, parts.password),
        )

    def renamed(self, name: str) -> Target:
        """The same target under another name."""
        return replace(self, name=name)

    def scrub(self, text: str) -> str:
        """What an endpoint said, cut to one line of 200 characters, without any secret of its URL."""
        for secret in self.secrets:
            text = text.replace(secret, "…")
        return "".join(c if c.isprintable() else " " for c in text)[:200]


def _secrets(path: str, query: str, *users: str | None) -> tuple[str, ...]:
    """Every part of a URL that may be a key, longest first, as spelled and as decoded."""
    parts = [
        path,
        query,
        *path.split("/"),
        *(value for _, value in parse_qsl(query)),
        *(u or "" for u in users),
    ]
    spellings = {spelling for part in parts for spelling in (part, unquote(part)) if len(spelling) >= 4}
    return tuple(sorted(spellings, key=len, reverse=True))
