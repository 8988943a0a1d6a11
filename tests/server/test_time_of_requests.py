"""A request has an answer before the gateway gives it up, whatever its operations wait for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pytest
import strawberry

from colonnade.authentication import Authenticator
from colonnade.http import Request
from colonnade.permissions import Principal
from colonnade.server import Server

SECONDS = 0.2
HEADERS = {"content-type": "application/json", "authorization": "Bearer token"}


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "world"

    @strawberry.field
    async def ever(self) -> str | None:
        await asyncio.Event().wait()
        return None


async def nobody_says(context: object, credentials: str) -> Principal | None:
    await asyncio.Event().wait()
    return None


def asked(*documents: str, authenticators: tuple[Authenticator, ...] = ()) -> tuple[int, Any]:
    schema = strawberry.Schema(Query)
    server = Server(schema, lambda _: SimpleNamespace(), authenticators=authenticators, seconds=SECONDS)
    batch = [{"query": document} for document in documents]
    body = json.dumps(batch[0] if len(batch) == 1 else batch).encode()
    response = asyncio.run(server.execute(Request("POST", "/graphql", headers=HEADERS, body=body)))
    return response.status, json.loads(response.body)


def code_of(body: Mapping[str, Any]) -> str:
    assert "data" not in body
    (error,) = body["errors"]
    assert error["extensions"]["retryable"]
    return str(error["extensions"]["code"])


def test_an_operation_that_never_ends_is_answered() -> None:
    status, body = asked("{ ever }")
    assert (status, code_of(body)) == (503, "TIMEOUT")


def test_of_a_batch_what_was_answered_in_time_keeps_its_answer() -> None:
    status, (first, second, third) = asked("{ hello }", "{ ever }", "{ ever }")
    assert status == 200
    assert first["data"] == {"hello": "world"}
    assert (code_of(second), code_of(third)) == ("TIMEOUT", "TIMEOUT")


@pytest.mark.parametrize("documents", [["{ hello }"], ["{ hello }", "{ hello }"]])
def test_a_request_is_answered_although_nobody_says_whose_it_is(documents: list[str]) -> None:
    status, body = asked(*documents, authenticators=(Authenticator("forgetful", nobody_says),))
    assert (status, code_of(body)) == (503, "TIMEOUT")
