"""Credentials in the Authorization header of a request to the whole application."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from colonnade.settings import load
from handlers.http import HttpHandler
from handlers.runtime import build
from plugins.identity.bearer_secrets import new_api_key
from plugins.identity.settings import IdentitySettings
from plugins.identity.tokens.access_tokens import AccessClaims, issue
from tests.handlers.sample import ENVIRON, adapters, event

SETTINGS = load(IdentitySettings, ENVIRON, prefix="identity")


def token(user: str = "usr_1", *, seconds: int = 60) -> str:
    now = datetime.now(UTC)
    claims = AccessClaims(user, "ses_1", frozenset({"ACCESS"}), int(now.timestamp()) + seconds)
    return issue(SETTINGS, claims, now)


@pytest.fixture
def handler() -> HttpHandler:
    return HttpHandler(build(ENVIRON, adapters=adapters()))


def ask(handler: HttpHandler, authorization: str | None) -> tuple[int, Any, dict[str, str]]:
    headers = {"content-type": "application/json"}
    if authorization is not None:
        headers["authorization"] = authorization
    result = handler(event(body={"query": "{ viewer { id permissions } }"}, headers=headers))
    return result["statusCode"], json.loads(result["body"]), result["headers"]


def test_an_access_token_says_who_asks(handler: HttpHandler) -> None:
    status, body, _ = ask(handler, f"Bearer {token()}")
    assert (status, body["data"]["viewer"]) == (
        200,
        {"id": "usr_1", "permissions": ["ACCESS", "MANAGE_WEBHOOKS"]},
    )
    assert ask(handler, None)[1]["data"]["viewer"] is None


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(f"Bearer {token()[:-4]}AAAA", id="forged"),
        pytest.param(f"Bearer {token(seconds=0)}", id="expired"),
        pytest.param(f"Bearer {new_api_key()}", id="an API key of nobody's"),
        pytest.param("Bearer col_x", id="half an API key"),
        pytest.param("Bearer x.y.z", id="no token at all"),
        pytest.param(f"Basic {token()}", id="another scheme"),
        pytest.param("Bearer", id="nothing"),
    ],
)
def test_credentials_that_are_not_good_refuse_the_whole_request(
    handler: HttpHandler, authorization: str
) -> None:
    status, body, headers = ask(handler, authorization)
    assert (status, body["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    assert headers["www-authenticate"] == "Bearer"
    assert "data" not in body
