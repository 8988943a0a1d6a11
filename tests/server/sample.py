"""A small schema with every way to fail, served as a deployment would serve it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, NewType, cast

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig

from colonnade.boundary import Boundary
from colonnade.errors import CallReverted, ChainTimeout, Forbidden, InvalidRequest, StoreUnavailable
from colonnade.http import Request, Response
from colonnade.limits import Limits
from colonnade.server import Server

SECRET = "password=hunter2"
REQUEST_ID = "req-1"

Moody = NewType("Moody", object)


def _refuse(value: object) -> object:
    if value == "bug":
        raise KeyError(SECRET)
    raise ValueError("moody takes nothing today")


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"hello {name}"

    @strawberry.field
    def double(self, number: int) -> int | None:
        return number * 2

    @strawberry.field
    def total(self, numbers: list[int]) -> int | None:
        return sum(numbers)

    @strawberry.field
    def mood(self, value: Moody) -> str | None:
        return str(value)

    @strawberry.field
    def moods(self, values: list[Moody]) -> str | None:
        return str(values)

    @strawberry.field
    def bug(self) -> str | None:
        raise RuntimeError(SECRET)

    @strawberry.field
    def graphql_bug(self) -> str | None:
        raise GraphQLError(SECRET, extensions={"code": "LOOKS_FINE", "secret": SECRET})

    @strawberry.field
    def forbidden(self) -> str | None:
        raise Forbidden("forbidden needs the permission MODERATE")

    @strawberry.field
    async def invalid_together(self) -> str | None:
        async def fail() -> None:
            raise InvalidRequest("first: between 1 and 100, not 0")

        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
        return None

    @strawberry.field
    async def failing_together(self) -> str | None:
        raise ExceptionGroup("both", [InvalidRequest("one"), RuntimeError(SECRET)])

    @strawberry.field
    async def late(self) -> str | None:
        error = StoreUnavailable(SECRET)
        error.retry_after_ms = 250
        raise error

    @strawberry.field
    def reverted(self) -> str | None:
        raise CallReverted(b"\x08\xc3", SECRET)

    @strawberry.field(extensions=[Boundary("weather", 1.0)])
    async def stormy(self) -> str | None:
        raise ChainTimeout(f"https://node.example/v2/{SECRET} did not answer")

    @strawberry.field
    def promised(self) -> str:
        return cast(str, None)

    @strawberry.field
    def unserializable(self) -> int | None:
        return cast(int, SECRET)

    @strawberry.field
    def not_a_number(self) -> strawberry.scalars.JSON | None:
        return cast(strawberry.scalars.JSON, float("nan"))

    @strawberry.field
    def half_a_pair(self) -> str | None:
        return "\ud83d"

    @strawberry.field
    def grin(self) -> str | None:
        return "😀"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def rename(self, name: str) -> str | None:
        return name


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self) -> int:  # type: ignore[misc]
        yield 1


MOODY = strawberry.scalar(name="Moody", parse_value=_refuse, serialize=str)
SCHEMA = strawberry.Schema(Query, Mutation, Subscription, config=StrawberryConfig(scalar_map={Moody: MOODY}))


def server(limits: Limits | None = None) -> Server:
    return Server(SCHEMA, lambda request: request, limits)


def ask(request: Request, *, of: Server | None = None) -> Response:
    return asyncio.run((of or server()).execute(request))


def post(
    body: object,
    *,
    accept: str | None = "application/graphql-response+json",
    headers: Mapping[str, str] | None = None,
) -> Request:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    accepted = {} if accept is None else {"accept": accept}
    return Request(
        "POST",
        "/graphql",
        headers={"content-type": "application/json", **accepted, **(headers or {})},
        body=content,
        request_id=REQUEST_ID,
    )


def get(query: str, *, accept: str | None = "application/graphql-response+json") -> Request:
    return Request(
        "GET",
        "/graphql",
        query,
        headers={} if accept is None else {"accept": accept},
        request_id=REQUEST_ID,
    )


def body_of(response: Response) -> Any:
    """The body, apart from what the operation cost."""
    body = json.loads(response.body)
    if isinstance(body, dict):
        body.pop("extensions", None)
    return body


def cost_of(response: Response) -> Any:
    return json.loads(response.body)["extensions"]["cost"]


def codes_of(response: Response) -> list[str]:
    return [error["extensions"]["code"] for error in body_of(response)["errors"]]
