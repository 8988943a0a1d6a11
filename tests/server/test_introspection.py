"""Who may ask what the schema is."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
import strawberry
from graphql import get_introspection_query

from colonnade.authentication import Authenticator
from colonnade.http import Response
from colonnade.permissions import ADMIN, Principal
from colonnade.server import Server
from colonnade.server.introspection import Introspection
from tests.server.sample import body_of, codes_of, post


@strawberry.type
class Query:
    @strawberry.field
    def secret_plan(self) -> str:
        return "plan"


SCHEMA = strawberry.Schema(Query)
ASKING = (
    get_introspection_query(),
    '{ __type(name: "Query") { name } }',
    "{ secretPlan ...A } fragment A on Query { ... on Query { s: __schema { queryType { name } } } }",
)


@dataclass
class Asking:
    principal: Principal | None = None


async def by_name(context: Any, credentials: str) -> Principal | None:
    return Principal(credentials, frozenset({ADMIN.name} if credentials == "root" else ()))


def asked(query: str, allowed: Introspection, name: str | None = None) -> Response:
    server = Server(
        SCHEMA,
        lambda request: Asking(),
        authenticators=[Authenticator("by-name", by_name)],
        introspection=allowed,
    )
    headers = {"authorization": f"Bearer {name}"} if name else {}
    return asyncio.run(server.execute(post({"query": query}, headers=headers)))


@pytest.mark.parametrize("query", ASKING)
@pytest.mark.parametrize(
    ("allowed", "name", "status"),
    [
        ("everyone", None, 200),
        ("admins", None, 403),
        ("admins", "ann", 403),
        ("admins", "root", 200),
        ("nobody", None, 403),
        ("nobody", "root", 403),
    ],
)
def test_the_schema_is_described_to_those_who_may_see_it(
    query: str, allowed: Introspection, name: str | None, status: int
) -> None:
    response = asked(query, allowed, name)
    assert response.status == status
    if status == 403:
        assert codes_of(response) == ["INTROSPECTION_DISABLED"]
        assert b"secretPlan" not in response.body


def test_type_names_of_what_is_asked_for_are_no_introspection() -> None:
    assert body_of(asked("{ __typename secretPlan }", "nobody")) == {
        "data": {"__typename": "Query", "secretPlan": "plan"}
    }


def test_who_may_not_see_the_schema_is_not_told_which_names_resemble_a_wrong_one() -> None:
    assert b"secretPlan" in asked("{ secretPlam }", "everyone").body
    response = asked("{ secretPlam }", "nobody")
    assert b"secretPlan" not in response.body
    [error] = body_of(response)["errors"]
    assert error["message"] == "Cannot query field 'secretPlam' on type 'Query'."
    assert error["locations"] == [{"line": 1, "column": 3}]
