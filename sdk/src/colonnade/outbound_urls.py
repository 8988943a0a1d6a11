"""Which addresses of strangers may be asked, as far as their text tells.

Stricter than the URL standard: one lower-case spelling, a name of at least two labels that ends in letters, https and
its port. What browsers forgive (backslashes, credentials, numbers for hosts, tabs) is refused and not repaired.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from colonnade.errors import OutboundForbidden

LONGEST_URL: Final = 2_048

PORTS: Final = {"https": 443, "http": 80}

_URL: Final = re.compile(
    r"(https?)://(\[[0-9a-fA-F:.]+\]|[^/?#\\@:\[\]\s]+)(?::([0-9]{1,5}))?((?:/|\?)[!-~]*)?(?:#[!-~]*)?",
    re.ASCII,
)
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}\Z)(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?", re.ASCII)

# Special-use domain names (IANA, RFC 6761, 6762, 8375, 9476) and suffixes that private networks use.
_SPECIAL: Final = (
    "alt",
    "corp",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localhost",
    "onion",
    "private",
    "test",
)
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True)
class OutboundUrl:
    """Where a request goes. `host`: lower case, an IPv6 address in brackets; `path`: with its query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What a caller's headers are meant for."""
        return self.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """The `Host` header: the port only where it is not the scheme's own."""
        return self.host if self.port == PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether it names this machine, which only a laptop allows."""
        return self.host in _LOOPBACK


def checked_url(url: str, *, loopback: bool = False) -> OutboundUrl:
    """The parts of a URL that may be asked.

    `loopback`: whether this machine may be asked too, at any port and with http. Raises `OutboundForbidden` with the
    rule that refused it: `url`, `host`, `special-use name` or `port`.
    """
    if len(url) > LONGEST_URL:
        raise OutboundForbidden(f"the URL is longer than {LONGEST_URL} characters", rule="url")
    found = _URL.fullmatch(url)
    if found is None or "\\" in url:
        raise OutboundForbidden("the URL is not of the plain form https://host.example/path", rule="url")
    scheme, host, port, path = found[1], found[2].lower(), found[3], (found[4] or "/").partition("#")[0]
    parts = OutboundUrl(scheme, host, int(port or PORTS[scheme]), path if path[0] == "/" else f"/{path}")
    if loopback and parts.loopback:
        if not 1 <= parts.port <= 65_535:
            raise OutboundForbidden(f"there is no port {parts.port}", rule="port")
        return parts
    if scheme != "https" or host.startswith("["):
        raise OutboundForbidden("only https is asked, and only by name", rule="url")
    if not _NAME.fullmatch(host):
        raise OutboundForbidden(
            "the URL's host is no public name, as in host.example; other letters are written as punycode",
            rule="host",
        )
    if any(host == name or host.endswith(f".{name}") for name in _SPECIAL):
        raise OutboundForbidden(f"the URL's host {host} is for private use", rule="special-use name")
    if parts.port != PORTS["https"]:
        raise OutboundForbidden(
            f"the URL's port is {parts.port}; only {PORTS['https']} is asked", rule="port"
        )
    return parts
