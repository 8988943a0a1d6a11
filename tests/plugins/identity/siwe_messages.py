"""Messages of every form that EIP-4361 allows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from colonnade.evm import checksum
from plugins.identity.siwe import SiweMessage

ALPHANUMERIC = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
UNRESERVED = ALPHANUMERIC + "-._~"
RESERVED = ":/?#[]@!$&'()*+,;="

addresses = st.binary(min_size=20, max_size=20).map(checksum)
schemes = st.from_regex("[A-Za-z][A-Za-z0-9+.-]{0,9}", fullmatch=True)
ports = st.one_of(st.just(""), st.integers(0, 65_535).map(lambda port: f":{port}"))
hosts = st.one_of(
    st.text(UNRESERVED + "!$&'()*+,;=", min_size=1, max_size=20),
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address}]"),
    st.just("xn--bcher-kva.example"),
    st.just("b%C3%BCcher.example"),
)
domains = st.builds(lambda host, port: host + port, hosts, ports)
paths = st.lists(st.text(UNRESERVED + "!$&'()*+,;=:@", max_size=8), max_size=4).map(
    lambda segments: "".join(f"/{segment}" for segment in segments)
)
tails = st.sampled_from(["", "?", "?a=b/c?d", "#", "#top", "?q=%20#x"])
uris = st.one_of(
    st.builds(lambda s, d, p, t: f"{s}://{d}{p}{t}", schemes, domains, paths, tails),
    st.sampled_from(["urn:isbn:0451450523", "farcaster://fid/1", "ipfs://bafy/1", "did:pkh:eip155:1", "a:"]),
)
times = st.builds(
    lambda at, fraction, offset: f"{at:%Y-%m-%dT%H:%M:%S}{fraction}{offset}",
    st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(9998, 1, 1)),
    st.sampled_from(["", ".0", ".123", ".123456789"]),
    st.sampled_from(["Z", "+00:00", "-00:00", "+05:45", "-11:30"]),
)


def optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


messages = st.builds(
    SiweMessage,
    domain=domains,
    address=addresses,
    uri=uris,
    chain_id=st.integers(1, 10**20),
    nonce=st.text(ALPHANUMERIC, min_size=8, max_size=40),
    issued_at=times,
    scheme=optional(schemes),
    statement=optional(st.text(UNRESERVED + RESERVED + " ", min_size=1, max_size=60)),
    expiration_time=optional(times),
    not_before=optional(times),
    request_id=optional(st.text(UNRESERVED + "!$&'()*+,;=:@", max_size=12)),
    resources=optional(st.lists(uris, max_size=3).map(tuple)),
)
