"""Development keys sign for this machine alone: what could be another is refused before a byte is sent."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from colonnade.development import DevelopmentNode, NotLocal, WalletFault
from colonnade.development.faults import Unreachable
from colonnade.development.loopback import loopback
from infra.local import ports
from tests.development.pretending import anvil, node, pretending

Resolved = list[tuple[Any, ...]]


def resolving(*addresses: str) -> Any:
    """What a resolver answers for any name, and a failure where it is asked for another than localhost."""

    def getaddrinfo(host: str, *_: object, **__: object) -> Resolved:
        assert host == "localhost"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]

    return getaddrinfo


@pytest.mark.parametrize(
    "url",
    [
        "https://mainnet.base.org",
        "http://mainnet.base.org",
        "http://8.8.8.8:8545",
        "http://10.0.0.1:8545",
        "http://169.254.169.254/latest/meta-data",
        "http://0.0.0.0:8545",
        "http://[::]:8545",
        "http://[::ffff:10.0.0.1]:8545",
        "http://127.0.0.1@evil.example:8545",
        "http://127.0.0.1:8545@evil.example",
        "http://localhost:x@evil.example/",
        "http://user:secret@127.0.0.1:8545",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://evil.localhost:8545",
        "http://127.0.0.1\\@evil.example",
        "http://evil.example#@127.0.0.1",
        "http://evil.example?@127.0.0.1",
        "http://127.0.0.1:8545/?to=http://evil.example",
        "http://127.0.0.1%2eevil.example",
        "http://2130706433:8545",
        "http://0x7f000001:8545",
        "http://0177.0.0.1:8545",
        "http://127.1:8545",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:port",
        "http://127.0.0.1 .evil.example",
        "http://127.0.0.1\r\nhost: evil.example",
        "http://ⓛocalhost:8545",
        "ftp://127.0.0.1",
        "//127.0.0.1:8545",
        "127.0.0.1:8545",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_that_is_not_plainly_here_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object, **__: object) -> Resolved:
        raise AssertionError("no resolver is asked for a foreign name")

    monkeypatch.setattr(socket, "getaddrinfo", asked)
    with pytest.raises(NotLocal, match=r"--rpc: .*Development keys sign only on this machine"):
        loopback(url, "--rpc")


@pytest.mark.parametrize(
    ("url", "address", "port"),
    [
        ("http://127.0.0.1:8545", "127.0.0.1", 8545),
        ("http://127.8.9.10:1/", "127.8.9.10", 1),
        ("http://[::1]:8545", "::1", 8545),
        ("http://127.0.0.1", "127.0.0.1", 80),
    ],
)
def test_an_address_of_this_machine_is_taken_as_it_is(url: str, address: str, port: int) -> None:
    found = loopback(url, "--rpc")
    assert (found.address, found.port) == (address, port)


def test_localhost_is_connected_to_as_it_was_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    with pretending(anvil()) as server:
        port = int(server.url.rpartition(":")[2])
        monkeypatch.setattr(socket, "getaddrinfo", resolving("::1", "127.0.0.1"))
        found = loopback(f"http://localhost:{port}", "--rpc")
        monkeypatch.undo()
        assert found.address == "127.0.0.1"
        assert DevelopmentNode(found).chain_id == 8453
        assert server.headers["host"] == f"localhost:{port}"


@pytest.mark.parametrize("addresses", [("203.0.113.7",), ("127.0.0.1", "203.0.113.7"), ("fe80::1%eth0",), ()])
def test_localhost_that_resolves_elsewhere_is_refused(
    addresses: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", resolving(*addresses))
    with pytest.raises(NotLocal, match="localhost, which resolves to"):
        loopback("http://localhost:8545", "--rpc")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with (
        pretending(anvil()) as elsewhere,
        pretending(lambda _: (status, {"location": elsewhere.url}, {})) as server,
    ):
        with pytest.raises(NotLocal, match="redirect"):
            DevelopmentNode(loopback(server.url, "--rpc"))
        assert elsewhere.asked == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with pretending(anvil()) as server:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        assert DevelopmentNode(loopback(server.url, "--rpc")).chain_id == 8453


@pytest.mark.parametrize("version", ["Geth/v1.15.0", "reth/v1", "", "not anvil/v1"])
def test_a_node_that_is_not_for_development_is_refused(version: str) -> None:
    with (
        pretending(node(web3_clientVersion=version, eth_chainId="0x2105")) as server,
        pytest.raises(NotLocal, match="not a development node"),
    ):
        DevelopmentNode(loopback(server.url, "--rpc"))


def test_nobody_there_is_said_with_what_to_start() -> None:
    port = ports.free_port()
    with pytest.raises(Unreachable, match="make dev"):
        DevelopmentNode(loopback(f"http://127.0.0.1:{port}", "--rpc"))


def test_what_is_not_json_is_said() -> None:
    with (
        pretending(lambda _: (200, {}, "<html>")) as server,
        pytest.raises(WalletFault, match="not JSON"),
    ):
        DevelopmentNode(loopback(server.url, "--rpc"))
