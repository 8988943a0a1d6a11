"""Which addresses are on the public internet."""

from __future__ import annotations

import json
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.http.addresses import is_public

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/ssrf_policy.json").read_text())

PRIVATE_V4 = [
    IPv4Network(text)
    for text in (
        "10.0.0.0/8",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
    )
]
INSIDE_V6 = [
    IPv6Network(text) for text in ("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8", "::/96", "2001::/32")
]

private_v4 = st.sampled_from(PRIVATE_V4).flatmap(lambda network: st.ip_addresses(network=network))


@pytest.mark.parametrize("vector", VECTORS["addresses"], ids=lambda vector: vector["ip"])
def test_addresses_are_judged_as_the_policy_has_it(vector: dict[str, object]) -> None:
    assert is_public(str(vector["ip"])) is vector["public"]


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "64:ff9b:1::1",
        "fe80::1%eth0",
        "2001:0:4136:e378::1",
        "2606:4700::5efe:a00:1",
        "::7f00:1",
        "3fff::1",
        "5f00::1",
    ],
)
def test_where_metadata_and_neighbours_live_is_not_public(address: str) -> None:
    assert not is_public(address)


@given(private_v4, st.sampled_from(["mapped", "nat64", "6to4", "isatap"]), st.integers(0, 2**80 - 1))
def test_private_address_stays_private_however_it_is_wrapped(inner: IPv4Address, how: str, rest: int) -> None:
    wrapped = {
        "mapped": 0xFFFF << 32 | int(inner),
        "nat64": 0x64FF9B << 96 | int(inner),
        "6to4": 0x2002 << 112 | int(inner) << 80 | rest,
        "isatap": 0x2606_4700 << 96 | 0x5EFE << 32 | int(inner),
    }
    assert not is_public(str(IPv6Address(wrapped[how])))
    assert not is_public(str(inner))


@given(st.sampled_from(INSIDE_V6).flatmap(lambda network: st.ip_addresses(network=network)))
def test_nothing_of_a_network_for_inside_is_public(address: IPv6Address) -> None:
    assert not is_public(str(address))


@given(st.ip_addresses())
def test_what_the_standard_library_calls_private_is_not_public(address: IPv4Address | IPv6Address) -> None:
    known = ip_address(str(address))
    embedded = known.version == 6 and known in IPv6Network("64:ff9b::/96")
    if not embedded and (known.is_private or known.is_multicast or known.is_loopback or known.is_link_local):
        assert not is_public(str(address))
