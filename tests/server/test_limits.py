"""What a request may hold is settled before any resolver runs."""

from __future__ import annotations

import json
from typing import Any

import pytest
import strawberry

from colonnade.cost import cost
from colonnade.http import Response
from colonnade.limits import Limits
from colonnade.server import Server
from tests.server.sample import ask, body_of, codes_of, cost_of, get, post

RAN: list[str] = []


@strawberry.type
class Box:
    @strawberry.field
    def inner(self) -> Box:
        RAN.append("inner")
        return Box()

    @strawberry.field
    def label(self) -> str:
        RAN.append("label")
        return "box"


@strawberry.type
class Query:
    @strawberry.field(extensions=[cost(7)])
    def box(self) -> Box:
        RAN.append("box")
        return Box()


@strawberry.type
class Mutation:
    @strawberry.mutation
    def add(self, words: str) -> str:
        RAN.append(words)
        return words


SCHEMA = strawberry.Schema(Query, Mutation)


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    RAN.clear()


def serving(**limits: int) -> Server:
    return Server(SCHEMA, lambda request: request, Limits(**limits))


def nested(depth: int) -> str:
    return "{ box " + "{ inner " * (depth - 2) + "{ label }" + " }" * (depth - 1)


def refused(query: str, code: str, **limits: int) -> Response:
    response = ask(post({"query": query}), of=serving(**limits))
    assert response.status == 400
    assert codes_of(response) == [code]
    assert RAN == []
    return response


def test_an_operation_may_be_as_deep_as_the_limit_and_no_deeper() -> None:
    assert "errors" not in body_of(ask(post({"query": nested(12)}), of=serving()))
    RAN.clear()
    assert "at most 12" in body_of(refused(nested(13), "DEPTH_LIMIT_EXCEEDED"))["errors"][0]["message"]


def test_depth_hidden_in_fragments_counts() -> None:
    query = "{ box { ...A } } fragment A on Box { inner { ...B } } fragment B on Box { inner { label } }"
    refused(query, "DEPTH_LIMIT_EXCEEDED", depth=3)


def test_an_operation_may_have_as_many_aliases_as_the_limit_and_no_more() -> None:
    aliases = [f"a{n}: box {{ label }}" for n in range(31)]
    assert "errors" not in body_of(ask(post({"query": f"{{ {' '.join(aliases[:30])} }}"}), of=serving()))
    RAN.clear()
    refused(f"{{ {' '.join(aliases)} }}", "ALIAS_LIMIT_EXCEEDED")


def test_an_operation_may_cost_as_much_as_the_ceiling_and_no_more() -> None:
    query = "{ box { inner { label } } }"
    response = ask(post({"query": query}), of=serving(cost=9))
    assert cost_of(response) == {"requested": 7 + 1 + 1}
    RAN.clear()
    refused(query, "COST_LIMIT_EXCEEDED", cost=8)


@pytest.mark.parametrize(
    "limit", ["body_bytes", "tokens", "depth", "aliases", "comparisons", "batch", "cost"]
)
def test_a_limit_is_at_least_one(limit: str) -> None:
    with pytest.raises(ValueError, match=limit):
        Limits(**{limit: 0})


def batch(*operations: object, **limits: int) -> tuple[int, Any]:
    response = ask(post(list(operations)), of=serving(**limits))
    return response.status, json.loads(response.body)


def test_a_batch_is_answered_in_its_order() -> None:
    status, bodies = batch(*({"query": f'mutation {{ add(words: "{n}") }}'} for n in range(10)))
    assert status == 200
    assert [body["data"]["add"] for body in bodies] == RAN == list("0123456789")


def test_an_operation_that_fails_leaves_the_rest_of_its_batch() -> None:
    status, bodies = batch({"query": "{ nope }"}, {"query": "{ box { label } }"}, {"query": "{"})
    assert status == 200
    codes = [[e["extensions"]["code"] for e in body.get("errors", ())] for body in bodies]
    assert codes == [["GRAPHQL_VALIDATION_FAILED"], [], ["GRAPHQL_PARSE_FAILED"]]


@pytest.mark.parametrize("size", [0, 11])
def test_a_batch_that_is_empty_or_too_large_is_refused(size: int) -> None:
    response = ask(post([{"query": "{ box { label } }"}] * size), of=serving())
    assert (response.status, codes_of(response)) == (400, ["BATCH_TOO_LARGE"])
    assert RAN == []


def test_a_batch_within_a_batch_is_refused() -> None:
    response = ask(post([[{"query": "{ box { label } }"}]]), of=serving())
    assert (response.status, codes_of(response)) == (400, ["BAD_REQUEST"])


def test_limits_hold_for_each_operation_of_a_batch() -> None:
    _, bodies = batch({"query": nested(13)}, {"query": "{ box { label } }"})
    assert [("errors" in body) for body in bodies] == [True, False]


def test_a_get_is_never_a_batch() -> None:
    assert codes_of(ask(get("query=[{box}]"), of=serving())) == ["GRAPHQL_PARSE_FAILED"]
