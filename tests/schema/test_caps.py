"""No page and no list is larger than 100, whoever wrote the field."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_required_argument,
    is_required_input_field,
)

from colonnade.conventions import SchemaView
from colonnade.errors import InvalidRequest
from colonnade.settings import load
from handlers.http import HttpHandler
from handlers.runtime import build
from plugins.identity.settings import IdentitySettings
from plugins.identity.tokens.access_tokens import AccessClaims, issue
from schema.compose import application
from tests.handlers.sample import ENVIRON, adapters, event

CAP: Final = 100
VALUES: Final = {
    "Address": "0x4200000000000000000000000000000000000006",
    "BigInt": "1",
    "Boolean": True,
    "ChainId": 8453,
    "ID": "tok_8453_0x4200000000000000000000000000000000000006",
    "Int": 1,
    "String": "one",
}
"""One of each type that a root query requires or takes a list of."""

VIEW = SchemaView.of(application())


def value_of(type_: Any) -> Any:
    if isinstance(type_, GraphQLNonNull):
        return value_of(type_.of_type)
    if isinstance(type_, GraphQLList):
        return [value_of(type_.of_type)]
    if isinstance(type_, GraphQLInputObjectType):
        required = {name: part for name, part in type_.fields.items() if is_required_input_field(part)}
        return {name: value_of(part.type) for name, part in required.items()}
    return VALUES[type_.name]


def has_list(argument: GraphQLArgument) -> bool:
    bare = argument.type.of_type if isinstance(argument.type, GraphQLNonNull) else argument.type
    return isinstance(bare, GraphQLList)


def too_much() -> Iterator[Any]:
    """Each way of asking a root query for more than 100, or for a page of nothing."""
    for name, field in VIEW.root("query").items():
        for argument, definition in field.args.items():
            if argument == "first" and get_named_type(field.type).name.endswith("Connection"):
                yield pytest.param(name, argument, CAP + 1, id=f"{name}(first: {CAP + 1})")
                yield pytest.param(name, argument, 0, id=f"{name}(first: 0)")
            elif has_list(definition):
                many = value_of(definition.type) * (CAP + 1)
                yield pytest.param(name, argument, many, id=f"{name}({argument}: {CAP + 1} items)")


def query(name: str, field: GraphQLField, given: set[str]) -> str:
    declared = ", ".join(f"${argument}: {field.args[argument].type}" for argument in sorted(given))
    passed = ", ".join(f"{argument}: ${argument}" for argument in sorted(given))
    return f"query({declared}) {{ {name}({passed}) {{ __typename }} }}"


def token() -> str:
    """An access token of somebody who may ask everything."""
    now = datetime.now(UTC)
    everything = frozenset(permission.name for _, permission in application().permissions)
    claims = AccessClaims("usr_1", "ses_1", everything, int(now.timestamp()) + 60)
    return issue(load(IdentitySettings, ENVIRON, prefix="identity"), claims, now)


@pytest.mark.parametrize(("name", "argument", "value"), [*too_much()])
def test_more_than_a_hundred_is_refused_before_anything_is_read(
    name: str, argument: str, value: object
) -> None:
    field = VIEW.root("query")[name]
    variables = {other: value_of(a.type) for other, a in field.args.items() if is_required_argument(a)}
    variables[argument] = value
    body = {"query": query(name, field, set(variables)), "variables": variables}

    # No chain is configured: whatever asks one first answers with another code.
    result = HttpHandler(build({**ENVIRON, "COLONNADE_BODY_BYTES": "65536"}, adapters=adapters()))(
        event(body=body, headers={"content-type": "application/json", "authorization": f"Bearer {token()}"})
    )

    answer = json.loads(result["body"])
    assert answer["data"] == {name: None}
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == InvalidRequest.code
    assert error["message"].startswith(f"{argument}: ")


def test_there_are_lists_and_pages_to_ask_too_much_of() -> None:
    asked = {(parameters.values[0], parameters.values[1]) for parameters in too_much()}
    assert {("tokens", "first"), ("tokens", "addresses"), ("balances", "tokens"), ("pools", "first")} <= asked
