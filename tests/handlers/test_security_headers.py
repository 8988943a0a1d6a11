"""What browsers are told with every answer, by each way in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from colonnade.composer import compose
from handlers.http import HttpHandler
from handlers.runtime import Application, build
from schema.roots import Query
from tests.composition.building import giving, plugin_module, registry_of
from tests.handlers.sample import ENVIRON, adapters, event, sample_application
from tests.handlers.test_plugin_routes import ROUTES

JSON = {"content-type": "application/json"}
ASKED = {"query": "{ city }"}
EVENTS: Mapping[str, dict[str, Any]] = {
    "an answer": event(body=ASKED, headers=JSON),
    "a refusal": event(body="x", headers=JSON),
    "no such method": event("PUT"),
    "an event that cannot be read": {**event(), "body": "not base64!", "isBase64Encoded": True},
    "the start page": event("GET", "/"),
    "GraphiQL": event("GET", headers={"accept": "text/html"}),
    "the schema": event("GET", "/schema.graphql"),
    "health": event("GET", "/health"),
    "no such page": event("GET", "/nothing"),
    "a style": event("GET", "/start.css"),
    "a picture": event("GET", "/favicon.ico"),
}
FILES = {"a style", "a picture"}
HANDLER = HttpHandler(sample_application({"COLONNADE_GRAPHIQL": "true"}))


def with_routes(environ: Mapping[str, str] | None = None) -> Application:
    composition = compose(registry_of(plugin_module("hooks", giving(routes=ROUTES))), Query)
    return build({**ENVIRON, **(environ or {})}, composition, adapters())


@pytest.mark.parametrize("name", EVENTS)
def test_every_answer_keeps_browsers_wary(name: str) -> None:
    result = HANDLER(EVENTS[name])
    headers = result["headers"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["strict-transport-security"].startswith("max-age=")
    if name in FILES:
        assert result["statusCode"] == 200
        return
    assert headers["cache-control"] == "no-store"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_route_of_a_plugin_is_as_wary() -> None:
    headers = HttpHandler(with_routes())(event("POST", "/hooks/echo", body="x"))["headers"]
    assert headers["x-own"] == "1"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


def test_where_the_schema_is_nobodys_it_has_no_page_either() -> None:
    hidden = HttpHandler(
        sample_application({"COLONNADE_GRAPHIQL": "true", "COLONNADE_INTROSPECTION": "nobody"})
    )
    assert hidden(event("GET", "/schema.graphql"))["statusCode"] == 404
    assert hidden(event(body={"query": "{ __schema { description } }"}, headers=JSON))["statusCode"] == 403


def test_routes_of_plugins_are_paid_by_the_address_that_asks() -> None:
    small = {"COLONNADE_BUCKET": "20", "COLONNADE_COST": "20", "COLONNADE_RESTORE_RATE": "1"}
    handler = HttpHandler(with_routes(small))
    statuses = [handler(event("POST", "/hooks/echo", body="x"))["statusCode"] for _ in range(30)]
    assert statuses.count(201) in {20, 21, 22}
    assert set(statuses[25:]) == {429}
