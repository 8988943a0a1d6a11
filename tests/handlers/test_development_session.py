"""The session that a laptop lends its own pages: to them alone, and nowhere but on a laptop."""

from __future__ import annotations

import ast
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from colonnade.development import Session, development_account
from handlers import app, http, runtime
from handlers.development import HEADER, PATH, Development
from handlers.http import HttpHandler
from tests.handlers.sample import event, sample_application

ROOT = Path(__file__).parents[2]
ALICE = development_account(0)
SESSION = Session(ALICE.address, "ses_1", datetime(2100, 1, 1, tzinfo=UTC), "the-token", "the-refresh-token")
PAGE = {
    "host": "localhost:8000",
    HEADER: "1",
    "origin": "http://localhost:8000",
    "sec-fetch-site": "same-origin",
}


@pytest.fixture
def development() -> Development:
    return Development([ALICE.address], "http://127.0.0.1:8545")


@pytest.fixture
def laptop(development: Development, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HttpHandler:
    (tmp_path / "index.html").write_text('<!doctype html><html lang="en"></html>')
    monkeypatch.setattr(app, "ASSETS", tmp_path)
    return HttpHandler(sample_application({"COLONNADE_GRAPHIQL": "true"}), development)


def ask(handler: HttpHandler, source_ip: str = "127.0.0.1", method: str = "POST", **headers: str) -> Any:
    asked = event(method, PATH, headers={name.replace("_", "-"): value for name, value in headers.items()})
    asked["requestContext"]["http"]["sourceIp"] = source_ip
    return handler(asked)


def test_a_page_of_this_server_is_lent_the_session_and_not_its_refresh_token(
    laptop: HttpHandler, development: Development
) -> None:
    assert json.loads(ask(laptop, **PAGE)["body"]) == {}
    development.offer(SESSION, "act_1")
    answer = ask(laptop, **PAGE)
    assert answer["headers"]["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer["headers"]
    assert json.loads(answer["body"]) == {
        "account": ALICE.address,
        "accessToken": "the-token",
        "expiresAt": "2100-01-01T00:00:00+00:00",
        "actionId": "act_1",
    }
    assert "the-refresh-token" not in answer["body"]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "LOCALHOST:1"])
def test_any_name_of_this_machine_will_do(host: str, laptop: HttpHandler, development: Development) -> None:
    development.offer(SESSION, None)
    assert ask(laptop, **{**PAGE, "host": host, "origin": f"http://{host}"})["statusCode"] == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"host": "evil.example:8000", "origin": "http://evil.example:8000"},
        {"host": "localhost.evil.example", "origin": "http://localhost.evil.example"},
        {"host": ""},
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:9000"},
        {"origin": "https://localhost:8000"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
    ],
)
def test_no_other_page_is_lent_it(
    changed: dict[str, str], laptop: HttpHandler, development: Development
) -> None:
    development.offer(SESSION, None)
    answer = ask(laptop, **{**PAGE, **changed})
    assert answer["statusCode"] == 403
    assert "the-token" not in answer["body"]


@pytest.mark.parametrize("source_ip", ["192.0.2.1", "10.0.0.1", "", "localhost", "::ffff:10.0.0.1"])
def test_no_other_machine_is_lent_it(source_ip: str, laptop: HttpHandler, development: Development) -> None:
    development.offer(SESSION, None)
    assert ask(laptop, source_ip, **PAGE)["statusCode"] == 403


def test_a_form_or_a_link_cannot_ask_for_it(laptop: HttpHandler, development: Development) -> None:
    development.offer(SESSION, None)
    without = {name: value for name, value in PAGE.items() if name != HEADER}
    assert ask(laptop, **without)["statusCode"] == 403
    assert ask(laptop, method="GET", **PAGE)["statusCode"] == 405
    assert ask(laptop, method="OPTIONS", **PAGE)["statusCode"] == 405


def test_the_page_knows_where_to_ask_only_on_a_laptop(laptop: HttpHandler) -> None:
    browser = {"accept": "text/html"}
    assert f'data-session="{PATH}"' in laptop(event("GET", headers=browser))["body"]
    deployed = HttpHandler(sample_application({"COLONNADE_GRAPHIQL": "true"}))
    assert "data-session" not in deployed(event("GET", headers=browser))["body"]


def test_no_setting_brings_it_to_a_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry point of the function, with everything switched on that can be, asked as a page of a laptop would."""
    every = {
        f"COLONNADE_{name}": "true" for name in ("GRAPHIQL", "DEVELOPMENT", "DEV", "DEBUG", "LOCAL", "DEMO")
    }
    every["COLONNADE_WEBSOCKET_ORIGINS"] = "loopback"
    application = sample_application(every)
    monkeypatch.setattr(runtime, "application", lambda: application)
    http._handler.cache_clear()
    try:
        asked = event("POST", PATH, headers=PAGE)
        asked["requestContext"]["http"]["sourceIp"] = "127.0.0.1"
        assert http.handler(asked, None)["statusCode"] == 404
    finally:
        http._handler.cache_clear()


def test_only_the_laptops_entry_point_makes_one() -> None:
    makers = []
    for folder in ("handlers", "schema", "plugins", "infra", "sdk/src"):
        for source in (ROOT / folder).rglob("*.py"):
            calls = [node for node in ast.walk(ast.parse(source.read_text())) if isinstance(node, ast.Call)]
            if any(isinstance(call.func, ast.Name) and call.func.id == "Development" for call in calls):
                makers.append(os.fspath(source.relative_to(ROOT)))
    assert makers == ["handlers/local.py"]
