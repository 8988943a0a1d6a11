from __future__ import annotations

import json

import pytest

from handlers.events import MalformedEvent, request_of
from handlers.http import HttpHandler
from tests.handlers.sample import REQUEST_ID, event, never, sample_application


def test_event_becomes_a_request() -> None:
    request = request_of(
        event(
            path="/a%20b",
            body=b"\x00\xff",
            query="x=1",
            headers={"X-Cased": "One, Two"},
            cookies=["a=1", "b=2"],
        )
    )
    assert (request.method, request.path, request.query, request.body) == ("POST", "/a b", "x=1", b"\x00\xff")
    assert request.headers["x-cased"] == "One, Two"
    assert request.headers["cookie"] == "a=1; b=2"
    assert request.request_id == REQUEST_ID
    assert request.source_ip == "192.0.2.1"


@pytest.mark.parametrize("missing", ["headers", "body", "rawQueryString", "isBase64Encoded"])
def test_event_may_lack_what_a_request_may_lack(missing: str) -> None:
    made = event("GET")
    made.pop(missing, None)
    request = request_of(made)
    assert request.body == b""
    assert request.query == ""


@pytest.mark.parametrize(
    "broken",
    [
        {"body": "x", "isBase64Encoded": True},
        {"body": "\ud800"},
        {"headers": {"x-broken": "\udc00"}},
    ],
)
def test_event_that_contradicts_itself_is_a_typed_400(broken: dict[str, object]) -> None:
    made = {**event(), **broken}
    with pytest.raises(MalformedEvent):
        request_of(made)
    result = HttpHandler(sample_application())(made)
    assert result["statusCode"] == 400
    (error,) = json.loads(result["body"])["errors"]
    assert error["extensions"] == {"code": "BAD_REQUEST", "requestId": REQUEST_ID, "retryable": False}


def test_failure_of_the_handler_itself_is_a_masked_500(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    handler = HttpHandler(sample_application())
    monkeypatch.setattr(handler, "through_starlette", never)
    result = handler(event("GET", "/elsewhere"))
    assert result["statusCode"] == 500
    assert json.loads(result["body"])["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "this must not be called" not in result["body"]
    assert "this must not be called" in caplog.text
