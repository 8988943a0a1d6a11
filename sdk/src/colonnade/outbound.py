"""Requests to servers of strangers: webhooks, manifests, whatever a user named the address of.

What stands behind `context.http` refuses what must not be asked (private addresses, other protocols, odd ports),
follows a redirect only when told to, and gives up on a server that hangs, drips or never ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

DEFAULT_TIMEOUT: Final = 10.0
DEFAULT_MAX_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class OutboundRequest:
    """What to ask, and how long and how much to bear.

    `url`: https, a public name, no credentials. `headers`: their names are compared without case; `host`,
    `content-length` and the like are the adapter's own. `timeout`: seconds for everything, from the name's resolution
    to the last byte of the last redirect's answer. `max_bytes`: of the answer's body once unpacked. `redirects`: how
    many to follow; with none, an answer such as 302 is returned as any other.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    timeout: float = DEFAULT_TIMEOUT
    max_bytes: int = DEFAULT_MAX_BYTES
    redirects: int = 0


@dataclass(frozen=True, slots=True)
class OutboundResponse:
    """A whole answer, whatever its status. Header names are lower case; `body` is unpacked."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""


class Http(Protocol):
    """Asks servers of strangers."""

    async def send(self, request: OutboundRequest) -> OutboundResponse:
        """The whole answer.

        Raises `OutboundForbidden` for what the policy refuses, before or after a redirect: never try it again; and
        `OutboundUnreachable` where no whole answer came in time: later it may. The server may have acted all the same.
        """
        ...

    def check(self, url: str) -> None:
        """Whether `url` can be asked at all, without asking anybody: for an address that a user hands in.

        Raises `OutboundForbidden`. Where its name leads is looked at when it is asked.
        """
        ...
