"""What is put on the wire, and what never is."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colonnade.errors import ConfigurationError, OutboundForbidden
from colonnade.outbound import OutboundRequest
from colonnade.outbound_urls import checked_url
from infra.http import OutboundHttp
from infra.http.requests import check_parts, written
from tests.core.contexts import bare_context
from tests.infra.http.strangers import ok, saying, stranger

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/ssrf_policy.json").read_text())


@pytest.mark.parametrize("vector", VECTORS["urls"], ids=lambda vector: repr(vector["url"]))
def test_urls_are_judged_as_the_policy_has_it(vector: dict[str, object]) -> None:
    try:
        url = checked_url(str(vector["url"]))
        judged: dict[str, object] = {"allowed": True, "host": url.host, "port": url.port, "path": url.path}
    except OutboundForbidden as error:
        judged = {"allowed": False, "reason": error.rule}
    assert judged == vector["expected"]


@pytest.mark.parametrize(
    "url",
    [
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1/",
        "https://[::ffff:127.0.0.1]/",
        "https://user@app.example.com/",
        "https://user:pass@app.example.com/",
        "https://app.example.com@inside.example/",
        "https://app.example.com:0443x/",
        "https://app.example.com:99999/",
        "https://bücher.example/",
        "https://app.example.com/a b",
        "https://app.example.com/\r\nx: y",
        "https://app.example.com/\\..\\x",
        "https://app。example/",
        "https://" + "a" * 64 + ".example/",
        "https://app.example.com/" + "a" * 3000,
        "http://localhost:8080/",
        "https://router.lan/",
        "",
    ],
)
def test_hosts_in_disguise_and_what_browsers_forgive_are_refused(url: str) -> None:
    with pytest.raises(OutboundForbidden):
        checked_url(url)


@given(st.text(max_size=60))
def test_no_text_makes_the_check_fail_otherwise_than_by_refusing(text: str) -> None:
    for url in (text, f"https://{text}", f"https://app.example.com{text}"):
        try:
            parts = checked_url(url, loopback=True)
        except OutboundForbidden:
            continue
        line = written(OutboundRequest("GET", url), parts)
        assert line.count(b"\r\n\r\n") == 1
        assert line.isascii()


@pytest.mark.parametrize(
    "headers",
    [
        {"x": "a\r\nhost: inside"},
        {"x\r\ny": "a"},
        {"x": "a\nb"},
        {"x": "a\x00"},
        {"x y": "a"},
        {"": "a"},
        {"x": "ä"},
        {"Host": "inside.example"},
        {"Content-Length": "0"},
        {"transfer-encoding": "chunked"},
        {"Proxy-Authorization": "x"},
    ],
)
def test_header_that_could_make_two_requests_of_one_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(OutboundForbidden):
        check_parts(OutboundRequest("GET", "https://hook.example/", headers))


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "get", "GET / HTTP/1.1\r\nx: y\r\n\r\nGET"])
def test_method_that_is_not_plain_is_refused(method: str) -> None:
    with pytest.raises(OutboundForbidden):
        check_parts(OutboundRequest(method, "https://hook.example/"))


def test_laptop_asks_its_own_servers_and_a_deployment_does_not() -> None:
    with stranger(saying(ok(b"here")), tls=False) as server:
        url = f"http://localhost:{server.port}/hook"
        request = OutboundRequest("POST", url, {"content-type": "application/json"}, b"{}")
        assert asyncio.run(OutboundHttp(loopback=True).send(request)).body == b"here"
        with pytest.raises(OutboundForbidden):
            asyncio.run(OutboundHttp().send(request))
    assert server.heads == [
        f"POST /hook HTTP/1.1\r\nhost: localhost:{server.port}\r\nconnection: close\r\nuser-agent: Colonnade\r\n"
        "accept: */*\r\ncontent-type: application/json\r\naccept-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}".encode()
    ]


def test_context_without_a_way_out_says_so() -> None:
    http = bare_context().http
    with pytest.raises(ConfigurationError):
        http.check("https://hook.example/")
    with pytest.raises(ConfigurationError):
        asyncio.run(http.send(OutboundRequest("GET", "https://hook.example/")))
