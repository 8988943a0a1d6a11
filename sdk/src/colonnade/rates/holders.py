"""Whose bucket a request spends from."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from colonnade.permissions import Principal

_NETWORK_BITS: Final = 64
_UNKNOWN: Final = "unknown"


def holder_of(principal: Principal | None, source_ip: str) -> str:
    """The name of a bucket: the account's, whichever session or API key it uses; of nobody the address's.

    `source_ip`: as whoever accepted the connection saw it, never from a header, which a client writes itself.
    """
    return f"account:{principal.id}" if principal is not None else f"address:{network_of(source_ip)}"


def refused_at(source_ip: str) -> str:
    """The bucket that credentials which are no good spend from, by the address that sends them."""
    return f"refused:{network_of(source_ip)}"


# Every request asks twice, and a client sends many.
@lru_cache(maxsize=1024)
def network_of(source_ip: str) -> str:
    """An address as far as one client is told from the next by it.

    Of IPv6 that is the /64, of which every home has one at least; an IPv4 address within IPv6 is that address. All
    whose address is not known share one bucket.
    """
    if not source_ip:
        return _UNKNOWN
    from ipaddress import IPv6Address, ip_address  # noqa: PLC0415 - most starts have it already, some do not

    try:
        address = ip_address(source_ip.partition("%")[0])
    except ValueError:
        return _UNKNOWN
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        network = int(address) >> _NETWORK_BITS << _NETWORK_BITS
        return f"{IPv6Address(network)}/{_NETWORK_BITS}"
    return str(address)
