"""Routes of plugins: mounted beside GraphQL, inside the boundary, and masked."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from colonnade import Context
from colonnade.composer import compose
from colonnade.errors import ChainTimeout, Forbidden, InvalidRequest
from colonnade.http import Request, Response, current_request_id
from colonnade.routes import Route
from colonnade.server.plugin_routes import answer_of
from handlers.http import HttpHandler
from handlers.runtime import Application, build
from schema.roots import Query
from tests.composition.building import giving, plugin_module, registry_of
from tests.handlers.sample import ENVIRON, REQUEST_ID, adapters, event


async def echo(context: Context, request: Request) -> Response:
    assert context.request_id == request.request_id == current_request_id.get()
    said = {"body": request.body.decode(), "query": request.query, "principal": context.principal}
    return Response(201, {"content-type": "application/json", "x-own": "1"}, json.dumps(said).encode())


async def bug(context: Context, request: Request) -> Response:
    raise RuntimeError("password=hunter2")


async def storm(context: Context, request: Request) -> Response:
    raise ChainTimeout("endpoint https://secret.example")


async def wrong(context: Context, request: Request) -> Response:
    raise InvalidRequest("send a body")


async def closed(context: Context, request: Request) -> Response:
    raise Forbidden("not for you")


async def slow(context: Context, request: Request) -> Response:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


ROUTES = [
    Route("/hooks/echo", "what was sent <b>", echo, "POST"),
    Route("/hooks/look", "what was asked", echo),
    Route("/hooks/bug", "a bug", bug),
    Route("/hooks/storm", "a storm", storm),
    Route("/hooks/wrong", "a refusal", wrong),
    Route("/hooks/closed", "a closed door", closed),
    Route("/hooks/slow", "nothing", slow),
]


@pytest.fixture
def application() -> Application:
    composition = compose(registry_of(plugin_module("hooks", giving(routes=ROUTES))), Query)
    return build(ENVIRON, composition, adapters())


@pytest.fixture
def handler(application: Application) -> HttpHandler:
    return HttpHandler(application)


def code(result: dict[str, Any]) -> tuple[int, str, str]:
    (error,) = json.loads(result["body"])["errors"]
    assert error["extensions"]["requestId"] == REQUEST_ID
    assert "hunter2" not in result["body"]
    assert "secret" not in result["body"]
    return result["statusCode"], error["extensions"]["code"], error["extensions"].get("plugin", "")


def test_a_route_answers_with_what_was_sent(handler: HttpHandler) -> None:
    result = handler(event("POST", "/hooks/echo", body="hello", query="a=1"))
    assert result["statusCode"] == 201
    assert result["headers"]["x-own"] == "1"
    assert json.loads(result["body"]) == {"body": "hello", "query": "a=1", "principal": None}


def test_head_is_get_without_the_body(handler: HttpHandler) -> None:
    result = handler(event("HEAD", "/hooks/look"))
    full = handler(event("GET", "/hooks/look"))
    assert (result["statusCode"], result["body"]) == (201, "")
    assert result["headers"]["content-length"] == str(len(full["body"]))


def test_errors_are_masked_and_attributed(handler: HttpHandler) -> None:
    assert code(handler(event("GET", "/hooks/bug"))) == (500, "INTERNAL", "hooks")
    assert code(handler(event("GET", "/hooks/storm"))) == (503, "CHAIN_UNAVAILABLE", "hooks")
    assert code(handler(event("GET", "/hooks/wrong"))) == (400, "BAD_REQUEST", "hooks")
    assert code(handler(event("GET", "/hooks/closed"))) == (403, "FORBIDDEN", "hooks")


def test_another_method_is_refused(handler: HttpHandler) -> None:
    result = handler(event("GET", "/hooks/echo"))
    assert code(result)[:2] == (405, "METHOD_NOT_ALLOWED")
    assert result["headers"]["allow"] == "POST"
    assert code(handler(event("POST", "/hooks/look")))[0] == 405


def test_plugins_may_share_a_path_whose_methods_are_each_ones_own() -> None:
    posting = plugin_module("posting", giving(routes=[Route("/hooks/both", "to post", echo, "POST")]))
    looking = plugin_module("looking", giving(routes=[Route("/hooks/both", "to look", closed)]))
    handler = HttpHandler(build(ENVIRON, compose(registry_of(posting, looking), Query), adapters()))

    assert handler(event("POST", "/hooks/both", body="x"))["statusCode"] == 201
    assert code(handler(event("GET", "/hooks/both"))) == (403, "FORBIDDEN", "looking")
    refused = handler(event("PUT", "/hooks/both"))
    assert code(refused)[:2] == (405, "METHOD_NOT_ALLOWED")
    assert refused["headers"]["allow"] == "POST, GET, HEAD"


def test_a_long_body_is_refused(handler: HttpHandler) -> None:
    assert code(handler(event("POST", "/hooks/echo", body="x" * 4_097)))[:2] == (413, "PAYLOAD_TOO_LARGE")


async def test_a_route_has_a_time_budget(application: Application) -> None:
    request = Request("GET", "/hooks/slow", request_id="r1")
    answer = await answer_of(
        [("hooks", ROUTES[-1])], application.make_context, request, body_bytes=10, budget=0.01
    )
    assert (answer.status, json.loads(answer.body)["errors"][0]["extensions"]["code"]) == (503, "TIMEOUT")


def test_the_start_page_lists_what_can_be_looked_at(handler: HttpHandler) -> None:
    page = handler(event("GET", "/"))["body"]
    assert '<a href="/hooks/look">/hooks/look</a>: what was asked' in page
    assert "/hooks/echo" not in page


@pytest.mark.parametrize(
    "path", ["/graphql", "/graphiql/x", "/health", "/favicon.ico", "/", "a", "/a//b", "/{x}", "/a?b", "/é"]
)
def test_a_route_has_a_plain_path_of_its_own(path: str) -> None:
    with pytest.raises(ValueError, match="route"):
        Route(path, "anything", echo)


def test_keys_of_access_tokens_are_published() -> None:
    result = HttpHandler(build(ENVIRON, adapters=adapters()))(event("GET", "/.well-known/jwks.json"))
    assert result["statusCode"] == 200
    assert result["headers"]["cache-control"] == "public, max-age=300"
    (key,) = json.loads(result["body"])["keys"]
    assert (key["kid"], key["crv"], sorted(key)) == (
        "test",
        "Ed25519",
        ["alg", "crv", "kid", "kty", "use", "x"],
    )
