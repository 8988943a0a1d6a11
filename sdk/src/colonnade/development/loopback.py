"""HTTP to this machine and to no other: the address is checked, and then that very address is connected to."""

from __future__ import annotations

import http.client
import json
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from colonnade.development.faults import NotLocal, Unreachable, WalletFault

SECONDS: Final = 30.0
"""How long an answer may take."""

_LARGEST: Final = 8 * 1024 * 1024
_PLAIN: Final = re.compile(r"http://[A-Za-z0-9.:\[\]-]+(?:/[A-Za-z0-9._~/-]*)?")
"""Nothing that two readers of URLs could read differently: no userinfo, backslash, escape, query or fragment."""


@dataclass(frozen=True, slots=True)
class Loopback:
    """A server on this machine. `authority`: host and port as they were written; `address`: what is connected to."""

    authority: str
    address: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """As in http://localhost:8000."""
        return f"http://{self.authority}"

    def post(self, body: object, headers: Mapping[str, str] | None = None) -> tuple[int, Any]:
        """The status and the JSON of the answer to `body` as JSON. Redirects are not followed.

        Raises `Unreachable`, `NotLocal` for a redirect, and `WalletFault` for what is not JSON.
        """
        connection = http.client.HTTPConnection(self.address, self.port, timeout=SECONDS)
        sent = {"host": self.authority, "content-type": "application/json", **(headers or {})}
        try:
            connection.request("POST", self.path, json.dumps(body).encode(), sent)
            answer = connection.getresponse()
            status, text = answer.status, answer.read(_LARGEST + 1)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(
                f"{self.origin} does not answer ({type(error).__name__}). Does `make dev` run? It says its addresses"
            ) from error
        finally:
            connection.close()
        if 300 <= status < 400:
            raise NotLocal(f"{self.origin} answers with a redirect ({status}), which is not followed")
        try:
            return status, json.loads(text[:_LARGEST])
        except ValueError:
            raise WalletFault(
                f"{self.origin}{self.path} answers {status} with something that is not JSON"
            ) from None


def loopback(url: str, option: str, *, path: str = "/") -> Loopback:
    """The server at `url`, if that is this machine. `option`: who names it, for the error; `path`: where `url` has none.

    Only 127.0.0.0/8, ::1, and `localhost` where that is what it resolves to. Raises `NotLocal`.
    """
    if not _PLAIN.fullmatch(url):
        raise _refused(url, option, "is not of the plain form http://127.0.0.1:8545")
    try:
        parts = urlsplit(url)
        port = parts.port or 80
    except ValueError:
        raise _refused(url, option, "is not of the plain form http://127.0.0.1:8545") from None
    return Loopback(parts.netloc, _address_of(parts, url, option), port, parts.path.rstrip("/") or path)


def _address_of(parts: SplitResult, url: str, option: str) -> str:
    host = parts.hostname or ""
    if host == "localhost":
        return _resolved(url, option)
    try:
        literal = ip_address(host)
    except ValueError:
        raise _refused(url, option, "names a host that is not this machine") from None
    if not _is_here(literal):
        raise _refused(url, option, "is not on this machine")
    return str(literal)


def _resolved(url: str, option: str) -> str:
    """What `localhost` stands for: every answer has to be this machine, since any could be taken."""
    try:
        found = socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _refused(url, option, "names localhost, which this machine cannot resolve") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(_is_here(ip_address(address.partition("%")[0])) for address in addresses):
        raise _refused(
            url, option, f"names localhost, which resolves to {', '.join(addresses) or 'nothing'} here"
        )
    # What `make dev` starts listens on IPv4.
    return next((address for address in addresses if ":" not in address), addresses[0])


def _is_here(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.packed[0] == 127
    return address == IPv6Address("::1")


def _refused(url: str, option: str, why: str) -> NotLocal:
    return NotLocal(
        f"{option}: {url!r} {why}. Development keys sign only on this machine: give http:// with 127.0.0.1, [::1] "
        "or localhost"
    )
