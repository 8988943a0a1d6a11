from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from handlers import app
from handlers.http import HttpHandler
from tests.handlers.sample import event, sample_application

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def handler(**environ: str) -> HttpHandler:
    return HttpHandler(sample_application(environ))


@pytest.fixture
def graphiql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HttpHandler:
    (tmp_path / "index.html").write_text('<html lang="en"><title>GraphiQL</title>')
    (tmp_path / "main.js").write_text("run()")
    (tmp_path / "font.ttf").write_bytes(b"\x00\xff")
    monkeypatch.setattr(app, "ASSETS", tmp_path)
    return handler(COLONNADE_GRAPHIQL="true")


def page(of: HttpHandler, path: str, **headers: str) -> dict[str, Any]:
    return of(event("GET", path, headers=headers))


def test_start_page_links_to_what_there_is_and_lists_the_plugins() -> None:
    result = page(handler(), "/")
    assert result["statusCode"] == 200
    assert result["headers"]["content-type"] == "text/html; charset=utf-8"
    assert "weather" in result["body"]
    assert "GraphiQL" not in result["body"]
    assert "default-src 'none'" in result["headers"]["content-security-policy"]


def test_pages_are_there_to_be_looked_at(graphiql: HttpHandler) -> None:
    for path in ("/", "/schema.graphql"):
        assert graphiql(event("HEAD", path))["statusCode"] == 200
        refused = graphiql(event("POST", path))
        assert refused["statusCode"] == 405
        assert set(refused["headers"]["allow"].split(", ")) == {"GET", "HEAD"}


def test_health_and_icon_answer() -> None:
    assert json.loads(page(handler(), "/health")["body"]) == {"status": "ok"}
    icon = page(handler(), "/favicon.ico")
    assert icon["headers"]["content-type"] == "image/svg+xml"
    assert icon["body"].startswith("<svg")


def test_nothing_is_at_other_paths() -> None:
    assert page(handler(), "/nowhere")["statusCode"] == 404
    assert page(handler(), "/graphiql/main.js")["statusCode"] == 404


def test_browser_gets_json_unless_graphiql_is_on() -> None:
    result = page(handler(), "/graphql", **BROWSER)
    assert result["statusCode"] == 400
    assert result["headers"]["content-type"].startswith("application/json")


def test_browser_gets_graphiql_and_its_assets_where_it_is_on(graphiql: HttpHandler) -> None:
    result = page(graphiql, "/graphql", **BROWSER)
    assert result["statusCode"] == 200
    assert result["headers"]["content-type"] == "text/html; charset=utf-8"
    assert "GraphiQL" in result["body"]
    assert "script-src 'self'" in result["headers"]["content-security-policy"]
    assert page(graphiql, "/graphiql/main.js")["body"] == "run()"
    font = page(graphiql, "/graphiql/font.ttf")
    assert font["isBase64Encoded"] is True
    assert base64.b64decode(font["body"]) == b"\x00\xff"
    assert "GraphiQL" in page(graphiql, "/")["body"]


def test_graphiql_of_a_deployment_knows_the_websocket_api_and_may_ask_nobody_else(
    graphiql: HttpHandler,
) -> None:
    here = page(graphiql, "/graphql", **BROWSER)
    assert "connect-src 'self';" in here["headers"]["content-security-policy"]
    assert "data-sockets" not in here["body"]

    gateway = "abc123.execute-api.eu-west-1.amazonaws.com/production"
    deployed = handler(COLONNADE_GRAPHIQL="true", COLONNADE_WEBSOCKET_ENDPOINT=f"https://{gateway}")
    there = page(deployed, "/graphql", **BROWSER)
    assert f"connect-src 'self' wss://{gateway};" in there["headers"]["content-security-policy"]
    assert f'<html data-sockets="wss://{gateway}" lang="en">' in there["body"]


LAMBDA_ANSWERS = 6 * 1024 * 1024
"""Bytes of JSON that a function may answer (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""


def test_every_file_of_graphiql_fits_well_into_the_answer_of_a_function() -> None:
    built = handler(COLONNADE_GRAPHIQL="true")
    files = [file.name for file in app.ASSETS.iterdir() if not file.name.startswith(".")]
    assert "main.js" in files
    for name in files:
        answer = page(built, f"/graphiql/{name}", **{"accept-encoding": "gzip, deflate, br"})
        assert len(json.dumps(answer, ensure_ascii=False).encode()) < LAMBDA_ANSWERS // 2
        body = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
        compressed = answer["headers"].get("content-encoding") == "gzip"
        assert (gzip.decompress(body) if compressed else body) == (app.ASSETS / name).read_bytes()


@pytest.mark.parametrize(
    "path", ["/graphiql/../http.py", "/graphiql/%2e%2e/http.py", "/graphiql//etc/passwd"]
)
def test_assets_are_all_there_is_below_their_path(graphiql: HttpHandler, path: str) -> None:
    assert page(graphiql, path)["statusCode"] == 404


def test_clients_get_data_where_graphiql_is_on(graphiql: HttpHandler) -> None:
    asked = graphiql(
        event(body={"query": "{ city }"}, headers={"content-type": "application/json", **BROWSER})
    )
    assert json.loads(asked["body"])["data"] == {"city": "Lisbon ☀"}
    by_link = graphiql(event("GET", query="query={city}", headers=BROWSER))
    assert json.loads(by_link["body"])["data"] == {"city": "Lisbon ☀"}


def test_missing_assets_say_how_to_make_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "ASSETS", tmp_path / "none")
    result = page(handler(COLONNADE_GRAPHIQL="true"), "/graphql", **BROWSER)
    assert result["statusCode"] == 503
    assert "make setup" in result["body"]
