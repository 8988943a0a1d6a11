"""Redirects: followed only where asked, each checked as the first address was, all within one deadline."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from colonnade.errors import OutboundForbidden, OutboundUnreachable
from colonnade.outbound import OutboundRequest
from infra.http.asking import Asking
from tests.infra.http.strangers import URL, Behave, Stranger, ask, asking, failure, ok, saying, stranger

POLICY = json.loads((Path(__file__).parents[2] / "vectors/ssrf_policy.json").read_text())


def redirecting(to: str, status: str = "302 Found") -> Behave:
    return saying(ok(headers=f"location: {to}\r\n", status=status))


@pytest.mark.parametrize(
    "place",
    [
        "http://hook.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://localhost/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::ffff:169.254.169.254]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://inside.example/",
        "https://user:pass@other.example/",
        "https://hook.example:8443/",
        "file:///etc/passwd",
        "//inside.example/",
    ],
)
def test_redirect_inside_is_never_followed(place: str) -> None:
    with stranger(redirecting(place)) as server:
        how = asking({"hook.example": server}, {"inside.example": "10.1.2.3"}, loopback=True)
        with pytest.raises(OutboundForbidden):
            ask(how, OutboundRequest("GET", URL, redirects=3))
    assert len(server.heads) == 1


@pytest.mark.parametrize(
    "addresses",
    [vector["ip"] for vector in POLICY["addresses"] if not vector["public"]]
    + ["169.254.169.254", "93.184.215.14 ::1", "93.184.215.14 169.254.169.254"],
)
def test_redirect_to_a_name_that_leads_inside_is_never_followed(addresses: str) -> None:
    with stranger(redirecting("https://inside.example/")) as server:
        how = asking({"hook.example": server}, {"inside.example": addresses})
        with pytest.raises(OutboundForbidden) as caught:
            ask(how, OutboundRequest("GET", URL, redirects=3))
    assert caught.value.rule == "address"
    assert server.names == ["hook.example"]


@pytest.mark.parametrize("place", [vector["url"] for vector in POLICY["urls"]], ids=repr)
def test_redirect_leads_to_a_name_that_the_policy_allows_or_nowhere(place: str) -> None:
    allowed = {vector["expected"].get("host") for vector in POLICY["urls"]} | {"hook.example"}
    resolved: list[str] = []
    with stranger(redirecting(place.replace("\n", ""))) as server:
        known = asking({"hook.example": server})

        def resolve(host: str, port: int) -> Sequence[str]:
            resolved.append(host)
            return known.resolve(host, port) if host == "hook.example" else ["10.1.2.3"]

        with pytest.raises((OutboundForbidden, OutboundUnreachable)):
            ask(replace(known, resolve=resolve), OutboundRequest("GET", URL, redirects=1))
    assert set(resolved) <= allowed
    assert set(server.names) == {"hook.example"}


def test_name_of_this_machine_that_leads_elsewhere_is_not_asked_on_a_laptop_either() -> None:
    how = Asking(loopback=True, resolve=lambda host, port: ["10.1.2.3"])
    with pytest.raises(OutboundForbidden) as caught:
        ask(how, OutboundRequest("GET", "http://localhost:8080/"))
    assert caught.value.rule == "address"


def test_redirect_is_an_answer_like_any_other_unless_it_is_to_be_followed() -> None:
    with stranger(redirecting("https://127.0.0.1/")) as server:
        answer = ask(asking({"hook.example": server}), OutboundRequest("POST", URL, body=b"{}"))
    assert (answer.status, answer.headers["location"]) == (302, "https://127.0.0.1/")


def test_circle_of_redirects_ends() -> None:
    error = failure(redirecting("/again"), redirects=3)
    assert error.cause == "redirects"


def test_redirects_share_one_deadline() -> None:
    def slow(connection: socket.socket, _: bytes) -> None:
        threading.Event().wait(0.15)
        connection.sendall(ok(headers="location: /again\r\n", status="307 Temporary Redirect"))

    assert failure(slow, timeout=0.5, redirects=50).cause == "timeout"


def test_secrets_do_not_follow_a_redirect_to_another_origin() -> None:
    leading = redirecting("https://other.example/there")
    with stranger(saying(ok()), name="other.example") as other, stranger(leading) as first:
        how = asking({"hook.example": first, "other.example": other})
        headers = {"Authorization": "Bearer s3cret", "x-key": "s3cret", "accept": "text/plain"}
        ask(how, OutboundRequest("GET", URL, headers, redirects=1))
    assert b"s3cret" in first.heads[0]
    assert b"s3cret" not in other.heads[0]
    assert b"accept: text/plain" in other.heads[0]


@pytest.mark.parametrize("status", ["307 Temporary Redirect", "308 Permanent Redirect"])
def test_body_is_not_taken_to_another_origin(status: str) -> None:
    leading = redirecting("https://other.example/", status)
    with stranger(saying(ok()), name="other.example") as other, stranger(leading) as first:
        how = asking({"hook.example": first, "other.example": other})
        with pytest.raises(OutboundForbidden):
            ask(how, OutboundRequest("POST", URL, body=b"{}", redirects=1))
    assert other.heads == []


def followed(server: Stranger) -> list[bytes]:
    return [head.partition(b" HTTP")[0] for head in server.heads]


@pytest.mark.parametrize(
    ("status", "then"),
    [("302 Found", b"GET"), ("303 See Other", b"GET"), ("307 Temporary Redirect", b"POST")],
)
def test_method_after_a_redirect_is_as_fetch_has_it(status: str, then: bytes) -> None:
    def once(connection: socket.socket, head: bytes) -> None:
        first = head.split(b" ")[1] == b"/path?x=1"
        connection.sendall(ok(headers="location: /there\r\n", status=status) if first else ok())

    with stranger(once) as server:
        ask(asking({"hook.example": server}), OutboundRequest("POST", URL, body=b"{}", redirects=1))
    assert followed(server) == [b"POST /path?x=1", then + b" /there"]
