from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from colonnade.chains import BASE
from colonnade.errors import ConfigurationError
from infra.rpc import ChainSettings, JsonRpcChains
from infra.rpc.target import Target

KEY = "s3cr3t-k3y-0123456789"


@pytest.mark.parametrize(
    ("url", "name", "port", "tls", "path"),
    [
        ("https://base.example/v2/" + KEY, "base.example", 443, True, "/v2/" + KEY),
        ("http://127.0.0.1:8545", "127.0.0.1:8545", 8545, False, "/"),
        ("https://base.example?key=" + KEY, "base.example", 443, True, "/?key=" + KEY),
        ("https://[::1]:8545/x#fragment", "[::1]:8545", 8545, True, "/x"),
    ],
)
def test_a_url_is_taken_apart(url: str, name: str, port: int, tls: bool, path: str) -> None:
    target = Target.parse(url, what="it")
    assert (target.name, target.port, target.tls, target.path) == (name, port, tls, path)


def test_a_user_in_a_url_becomes_basic_authorization() -> None:
    target = Target.parse("https://user:p%40ss@base.example", what="it")
    assert target.authorization == "Basic dXNlcjpwQHNz"


@pytest.mark.parametrize(
    "url",
    [
        "",
        f"base.example/{KEY}",
        f"ftp://base.example/{KEY}",
        f"wss://base.example/{KEY}",
        f"https:///{KEY}",
        f"https://base.example:99999/{KEY}",
        f"https://[::1/{KEY}",
        f"https://base.example/{KEY} x",
        f"https://base.example/{KEY}\r\nX: y",
        f"https://base.example/{KEY}é",
    ],
)
def test_what_is_no_url_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(ConfigurationError, match="chain 8453, endpoint 2") as refused:
        JsonRpcChains([ChainSettings(BASE, ("https://base.example", url))])
    assert KEY not in str(refused.value)


def test_endpoints_of_one_host_have_names_of_their_own() -> None:
    settings = ChainSettings(BASE, ("https://a.example/1", "https://a.example/2", "https://b.example"))
    assert [target.name for target in settings.targets()] == ["a.example", "a.example #2", "b.example"]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"endpoints": ()}, "endpoints must name at least one URL"),
        ({"deadline_seconds": 0.0}, "deadline_seconds must be positive"),
        ({"gas": -1}, "gas must be positive"),
        ({"reads_per_call": 0, "request_bytes": 0}, "reads_per_call must be positive; request_bytes must be"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem):
        replace(ChainSettings(BASE, ("https://a.example",)), **settings)


def test_a_chain_is_configured_once() -> None:
    chain = ChainSettings(BASE, ("https://a.example",))
    with pytest.raises(ConfigurationError, match="8453 is configured twice"):
        JsonRpcChains([chain, chain])
