"""`strawberry.Maybe`: an input that may be left out but is not null, which no schema can say of itself."""

from __future__ import annotations

import pytest
import strawberry

from colonnade.server import Server
from tests.server.sample import ask, body_of, post


@strawberry.input
class Pin:
    number: strawberry.Maybe[int]


@strawberry.input(one_of=True)
class Choice:
    first: strawberry.Maybe[int]
    second: strawberry.Maybe[str]


@strawberry.type
class Query:
    @strawberry.field
    def pin(self, pin: Pin) -> bool | None:
        return pin.number is not None

    @strawberry.field
    def numbered(self, number: strawberry.Maybe[int] = None) -> bool | None:
        return number is not None

    @strawberry.field
    def choose(self, choice: Choice) -> bool | None:
        return choice.first is not None


SERVER = Server(strawberry.Schema(Query), lambda request: request)


def refusals(query: str, variables: dict[str, object] | None = None) -> list[tuple[str, str]]:
    response = ask(post({"query": query, "variables": variables or {}}), of=SERVER)
    return [(error["extensions"]["code"], error["message"]) for error in body_of(response)["errors"]]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("{ pin(pin: { number: null }) }", {}),
        ("{ numbered(number: null) }", {}),
        ("query ($n: Int) { numbered(number: $n) }", {"n": None}),
        ("query ($n: Int) { pin(pin: { number: $n }) }", {"n": None}),
        ("query ($pin: Pin!) { pin(pin: $pin) }", {"pin": {"number": None}}),
    ],
)
def test_null_is_refused_in_the_words_of_the_api(query: str, variables: dict[str, object]) -> None:
    assert refusals(query, variables) == [
        ("BAD_USER_INPUT", "An argument, or a field of one, is null; it may be left out, but not be null.")
    ]


@pytest.mark.parametrize(
    "query", ["{ pin(pin: {}) }", "{ numbered }", "query ($n: Int) { numbered(number: $n) }"]
)
def test_it_may_be_left_out(query: str) -> None:
    assert False in body_of(ask(post({"query": query}), of=SERVER))["data"].values()


def test_one_of_several_is_refused_once_and_before_anything_runs() -> None:
    assert refusals("{ choose(choice: { first: null }) }") == [
        ("GRAPHQL_VALIDATION_FAILED", "Field 'Choice.first' must be non-null.")
    ]
    exactly_one = [("GRAPHQL_VALIDATION_FAILED", "OneOf Input Object 'Choice' must specify exactly one key.")]
    assert refusals("{ choose(choice: { first: 1, second: null }) }") == exactly_one
    assert refusals("{ choose(choice: {}) }") == exactly_one
    assert refusals("query ($c: Choice!) { choose(choice: $c) }", {"c": {"first": None}}) == [
        ("BAD_USER_INPUT", "Value for member field 'first' must be non-null")
    ]
