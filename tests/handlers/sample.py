"""An application of one small plugin on in-memory adapters, and events as API Gateway makes them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, NoReturn

import strawberry

from colonnade import Info, extend
from colonnade.chains import ChainId
from colonnade.clock import SystemClock
from colonnade.composer import Composition, compose
from colonnade.errors import ChainTimeout, InvalidRequest
from colonnade.http import current_request_id
from colonnade.ids import UlidIds
from colonnade.queues import Queues
from colonnade.testing.memory_store import MemoryStore
from colonnade.testing.scripted_connections import ScriptedConnections
from handlers.runtime import Adapters, Application, build
from infra.local.queues import LocalQueue
from infra.rpc import JsonRpcChains
from schema.roots import Query
from tests.composition.building import giving, plugin_module, registry_of

REQUEST_ID = "JKJaXmPLvHcESHA="
ENVIRON = {
    "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
    "COLONNADE_BODY_BYTES": "4096",
    "IDENTITY_SIGNING_KEYS": "test:private:" + "A" * 43,
}


@extend("Query")
class WeatherQueries:
    @strawberry.field
    def city(self, name: str = "Lisbon") -> str | None:
        return f"{name} ☀"

    @strawberry.field
    def page(self, first: int = 20) -> int | None:
        if first > 100:
            raise InvalidRequest("first: between 1 and 100")
        return first

    @strawberry.field
    async def storm(self) -> str | None:
        raise ChainTimeout("no endpoint answered")

    @strawberry.field
    def bug(self) -> str | None:
        raise RuntimeError("password=hunter2")

    @strawberry.field
    def request_id(self, info: Info) -> str | None:
        assert info.context.request_id == current_request_id.get()
        return info.context.request_id

    @strawberry.field
    async def elsewhere(self, info: Info) -> int | None:
        return (await info.context.chain(ChainId(5)).block()).number


@extend("Mutation")
class WeatherMutations:
    @strawberry.mutation
    def shout(self, words: str) -> str | None:
        return words.upper()


def weather() -> Composition:
    module = plugin_module("weather", giving(graphql=[WeatherQueries, WeatherMutations]))
    return compose(registry_of(module), Query)


def local_queues() -> Queues:
    return Queues(LocalQueue("deliveries", fifo=True), LocalQueue("jobs", fifo=False))


def adapters() -> Adapters:
    clock = SystemClock()
    store, chains, connections = MemoryStore(clock), JsonRpcChains([]), ScriptedConnections()
    return Adapters(store, chains, clock, UlidIds(clock), local_queues(), connections)


def sample_application(environ: Mapping[str, str] | None = None) -> Application:
    return build({**ENVIRON, **(environ or {})}, weather(), adapters())


def event(
    method: str = "POST",
    path: str = "/graphql",
    *,
    body: object = None,
    query: str = "",
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """An event of payload format 2.0; bytes go in as base64, anything that is no text as JSON."""
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "api.example", "x-forwarded-proto": "https", **(headers or {})},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api-id",
            "domainName": "api.example",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent",
            },
            "requestId": REQUEST_ID,
            "routeKey": "$default",
            "stage": "$default",
            "timeEpoch": 1_583_348_638_390,
        },
        "isBase64Encoded": isinstance(body, bytes),
    }
    if isinstance(body, bytes):
        made["body"] = base64.b64encode(body).decode()
    elif body is not None:
        made["body"] = body if isinstance(body, str) else json.dumps(body)
    return {**made, **more}


def never(*_: object) -> NoReturn:
    raise AssertionError("this must not be called")
