"""Whose bucket a request spends from."""

from __future__ import annotations

import pytest

from colonnade.permissions import Principal
from colonnade.rates import holder_of
from colonnade.rates.holders import network_of


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        ("testclient", "unknown"),
        ("198.51.100.7, 10.0.0.1", "unknown"),
    ],
)
def test_a_client_is_its_address_or_of_ipv6_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


def test_who_is_signed_in_has_one_bucket_by_whichever_credential_and_from_everywhere() -> None:
    by_session = Principal("usr_1", credential="ses_1")
    by_key = Principal("usr_1", credential="key_1")
    assert holder_of(by_session, "198.51.100.7") == holder_of(by_key, "203.0.113.9") == "account:usr_1"


def test_an_account_named_like_an_address_does_not_spend_of_its_bucket() -> None:
    assert holder_of(Principal("198.51.100.7"), "") != holder_of(None, "198.51.100.7")
