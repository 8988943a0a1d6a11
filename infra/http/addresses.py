"""Which IP addresses are on the public internet.

From IANA's registries of special-purpose addresses (RFC 6890 and what followed); kept here in full since what the
standard library calls global differs between its releases.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_NOT_PUBLIC_V4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, and the metadata of some clouds
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's platform, reachable only from inside
        "169.254.0.0/16",  # link-local, and the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
_UNICAST_V6: Final = IPv6Network("2000::/3")
_NOT_PUBLIC_V6: Final = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocols, Teredo and ORCHID among them
        "2001:db8::/32",
        "3fff::/20",
    )
)
_MAPPED: Final = IPv6Network("::ffff:0:0/96")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_SIX_TO_FOUR: Final = IPv6Network("2002::/16")
_ISATAP: Final = frozenset({0x0000_5EFE, 0x0200_5EFE})


def is_public(address: str) -> bool:
    """Whether anybody on the internet has this address; an IPv6 address, also the IPv4 one inside of it.

    Raises ValueError for what is no address.
    """
    found = ip_address(address)
    return _public_v4(found) if isinstance(found, IPv4Address) else _public_v6(found)


def _public_v4(address: IPv4Address) -> bool:
    return not any(address in network for network in _NOT_PUBLIC_V4)


def _public_v6(address: IPv6Address) -> bool:
    if address.scope_id is not None:
        return False
    number = int(address)
    if address in _MAPPED or address in _NAT64:
        return _public_v4(IPv4Address(number & 0xFFFF_FFFF))
    if address not in _UNICAST_V6 or any(address in network for network in _NOT_PUBLIC_V6):
        return False
    if address in _SIX_TO_FOUR and not _public_v4(IPv4Address(number >> 80 & 0xFFFF_FFFF)):
        return False
    return number >> 32 & 0xFFFF_FFFF not in _ISATAP or _public_v4(IPv4Address(number & 0xFFFF_FFFF))
