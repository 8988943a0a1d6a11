"""From a checked URL to a connection with an address that was checked, too."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from colonnade.errors import OutboundForbidden, OutboundUnreachable
from colonnade.outbound_urls import OutboundUrl
from infra.http.addresses import is_public
from infra.http.deadline import Deadline

Resolve: TypeAlias = Callable[[str, int], Sequence[str]]
"""The addresses of a name."""

Dial: TypeAlias = Callable[[str, int, float], socket.socket]
"""A connection to an address and a port, within so many seconds."""

CONNECT_SECONDS: Final = 3.0
_MOST_ADDRESSES: Final = 3


def resolved(host: str, port: int) -> Sequence[str]:
    """What the system's resolver answers, each address once. Raises OSError and UnicodeError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


def dialled(address: str, port: int, seconds: float) -> socket.socket:
    """A connection. `address` is no name, so that nothing is resolved again. Raises OSError."""
    return socket.create_connection((address, port), seconds)


def connected(
    url: OutboundUrl, deadline: Deadline, tls: ssl.SSLContext, resolve: Resolve, dial: Dial
) -> socket.socket:
    """A connection to one of the addresses that `url` leads to, encrypted where it says https.

    One address that is not public is enough to refuse them all: a name that has both is made to get inside. Raises
    `OutboundForbidden` and `OutboundUnreachable`.
    """
    addresses = _checked_addresses(url, resolve)
    failure: OSError | None = None
    for address in addresses[:_MOST_ADDRESSES]:
        try:
            plain = dial(address, url.port, min(CONNECT_SECONDS, deadline.remaining()))
        except OSError as error:
            failure = error
            continue
        return _encrypted(plain, url, deadline, tls) if url.scheme == "https" else plain
    raise OutboundUnreachable(
        f"{url.host} takes no connection: {type(failure).__name__}", cause="connection"
    ) from failure


def _checked_addresses(url: OutboundUrl, resolve: Resolve) -> Sequence[str]:
    try:
        addresses = resolve(url.host.strip("[]"), url.port)
    except (OSError, UnicodeError) as error:
        raise OutboundUnreachable(f"{url.host} has no address now", cause="name") from error
    if not addresses:
        raise OutboundUnreachable(f"{url.host} has no address now", cause="name")
    allowed = _is_loopback if url.loopback else is_public
    if not all(allowed(address) for address in addresses):
        raise OutboundForbidden(f"{url.host} leads to an address that is not public", rule="address")
    return addresses


def _is_loopback(address: str) -> bool:
    return address == "::1" or address.startswith("127.")


def _encrypted(
    plain: socket.socket, url: OutboundUrl, deadline: Deadline, tls: ssl.SSLContext
) -> socket.socket:
    try:
        plain.settimeout(deadline.remaining())
        return tls.wrap_socket(plain, server_hostname=url.host.strip("[]"))
    except ssl.SSLCertVerificationError as error:
        plain.close()
        raise OutboundUnreachable(
            f"{url.host} shows a certificate that is not valid for it: {error.verify_message}",
            cause="certificate",
        ) from error
    except BaseException:
        plain.close()
        raise
