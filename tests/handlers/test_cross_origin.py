"""A page of another origin calls the HTTP API if it may, as API Gateway would let it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from handlers.gateway import Gateway, Handler
from tests.handlers.test_gateway import OK, scope

PAGE = "http://localhost:5173"


def fine(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
    return {**OK, "headers": {"content-type": "text/plain", "vary": "accept"}}


def asked(
    method: str, origins: Sequence[str], handler: Handler = fine, path: str = "/graphql", **headers: str
) -> tuple[int, dict[str, str]]:
    """The status and the headers of an answer. Header names are written with underscores."""
    gateway = Gateway(handler, threads=1, origins=origins)
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    try:
        asyncio.run(gateway(scope(method, path, headers=fields), receive, send))
    finally:
        gateway.close()
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def never(event: Mapping[str, Any], context: object) -> Mapping[str, Any]:
    raise AssertionError("the gateway answers this by itself")


def test_a_browser_is_told_what_a_page_may_do_before_any_handler_is_asked() -> None:
    status, headers = asked("OPTIONS", ["loopback"], never, origin=PAGE, access_control_request_method="POST")
    assert status == 204
    assert headers["access-control-allow-origin"] == PAGE
    assert headers["vary"] == "origin"
    assert headers["access-control-allow-methods"] == "GET,POST"
    assert {"authorization", "content-type"} <= set(headers["access-control-allow-headers"].split(","))
    assert "access-control-allow-credentials" not in headers


@pytest.mark.parametrize("method", ["OPTIONS", "POST"])
@pytest.mark.parametrize("origins", [["loopback"], ["https://app.example"], []])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://localhost.evil.example", "https://app.example.evil"]
)
def test_a_foreign_page_is_told_nothing(method: str, origins: list[str], origin: str) -> None:
    _, headers = asked(method, origins, origin=origin, access_control_request_method="POST")
    assert not [name for name in headers if name.startswith("access-control")]


def test_an_answer_can_be_read_by_the_page_that_asked_with_its_request_id() -> None:
    status, headers = asked("POST", ["loopback"], origin=PAGE)
    assert status == 200
    assert headers["access-control-allow-origin"] == PAGE
    assert headers["access-control-expose-headers"] == "x-request-id,retry-after"
    assert headers["vary"] == "accept, origin"


def test_where_every_page_may_call_answers_are_the_same_for_all() -> None:
    _, headers = asked("POST", ["*"], origin=PAGE)
    assert headers["access-control-allow-origin"] == "*"
    assert headers["vary"] == "accept"


def test_a_failure_of_a_handler_can_be_read_too() -> None:
    status, headers = asked("POST", ["loopback"], never, origin=PAGE)
    assert status == 500
    assert headers["access-control-allow-origin"] == PAGE


@pytest.mark.parametrize("headers", [{}, {"origin": PAGE}, {"access_control_request_method": "POST"}])
def test_what_is_no_browsers_question_reaches_the_handler(headers: dict[str, str]) -> None:
    assert asked("OPTIONS", ["loopback"], fine, "/graphql", **headers)[0] == 200


def test_no_page_reaches_the_management_of_sockets() -> None:
    status, headers = asked(
        "OPTIONS", ["*"], path="/@connections/x", origin=PAGE, access_control_request_method="POST"
    )
    assert status >= 400
    assert not [name for name in headers if name.startswith("access-control")]
