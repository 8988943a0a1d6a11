"""What is too dear is refused before it is validated, which takes longest, and what need not be valid harms nobody."""

from __future__ import annotations

import math
from typing import Any

import pytest
import strawberry

from colonnade.limits import Limits
from colonnade.server import Server, documents
from colonnade.server.cost import page_size
from tests.server.sample import ask, body_of, codes_of, post


@strawberry.type
class Row:
    id: int

    @strawberry.field
    def rows(self, first: int = 20) -> list[Row]:
        return [Row(id=n) for n in range(first)]


@strawberry.type
class Query:
    @strawberry.field
    def rows(self, first: int = 20) -> list[Row]:
        return [Row(id=n) for n in range(first)]


DEAR = "{ rows(first: 100) { rows(first: 100) { id } } }"
BY_VARIABLE = "query ($first: Int) { rows(first: $first) { rows(first: $first) { id } } }"


@pytest.fixture
def validated(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The documents that were validated."""
    seen: list[object] = []
    validate: Any = vars(documents)["validate"]

    def noting(schema: Any, document: Any, rules: Any) -> Any:
        seen.append(document)
        return validate(schema, document, rules)

    monkeypatch.setattr(documents, "validate", noting)
    return seen


def serving() -> Server:
    return Server(strawberry.Schema(Query), lambda request: request, Limits())


def test_what_is_too_dear_is_not_validated(validated: list[object]) -> None:
    assert codes_of(ask(post({"query": DEAR}), of=serving())) == ["COST_LIMIT_EXCEEDED"]
    assert validated == []


def test_what_is_dear_by_its_variables_is_not_validated_and_runs_with_others(validated: list[object]) -> None:
    server = serving()

    def asked(first: int) -> Any:
        return ask(post({"query": BY_VARIABLE, "variables": {"first": first}}), of=server)

    assert codes_of(asked(100)) == ["COST_LIMIT_EXCEEDED"]
    assert validated == []
    assert "errors" not in body_of(asked(2))
    assert codes_of(asked(100)) == ["COST_LIMIT_EXCEEDED"]
    assert "errors" not in body_of(asked(3))
    assert len(validated) == 1


def test_of_several_operations_the_chosen_one_is_measured(validated: list[object]) -> None:
    both = f"query Dear {DEAR} query Cheap {{ rows(first: 1) {{ id }} }}"
    server = serving()
    assert codes_of(ask(post({"query": both, "operationName": "Dear"}), of=server)) == ["COST_LIMIT_EXCEEDED"]
    assert validated == []
    assert "errors" not in body_of(ask(post({"query": both, "operationName": "Cheap"}), of=server))


@pytest.mark.parametrize(
    "query",
    [
        "{ rows { ...Missing } }",
        "{ nothing { rows(first: 100) { rows(first: 100) { id } } } }",
        "{ rows { ... on Nothing { rows(first: 1) { id } } } }",
        'query ($first: Int = "x") { rows(first: $first) { id nothing } }',
        "query ($first: Int = " + "9" * 5_000 + ") { rows(first: $first) { id } }",
        "{ rows(first: " + "9" * 5_000 + ") { id } }",
        "{ rows(first: [[[1]]]) { id } }",
        "{ rows(first: {a: {a: []}}) { id } }",
        "{ rows(first: $missing) { id } }",
    ],
)
def test_what_cannot_be_measured_is_left_to_validation(query: str) -> None:
    assert set(codes_of(ask(post({"query": query}), of=serving()))) == {"GRAPHQL_VALIDATION_FAILED"}


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { ...F } } fragment F on __Schema { __schema { ...F } }",
        '{ __type(name: "Row") { ...F } } fragment F on __Type { ofType { ...F } }',
        "{ __schema { types { ...F } } } fragment F on __Type { fields { type { ...F } } }",
        "{ ...F } fragment F on Query { ...F rows { id } }",
        "{ ...F } fragment F on Query { rows { ...G } } fragment G on Row { rows { ...G } }",
    ],
)
def test_a_fragment_that_spreads_itself_is_refused(query: str) -> None:
    [code] = set(codes_of(ask(post({"query": query}), of=serving())))
    assert code in {"COST_LIMIT_EXCEEDED", "GRAPHQL_VALIDATION_FAILED", "DEPTH_LIMIT_EXCEEDED"}


@pytest.mark.parametrize(
    ("first", "size"), [(10**400, 100), (math.inf, 100), (math.nan, 20), (-1, 1), (True, 1), ("9", 20)]
)
def test_whatever_is_asked_for_a_page_has_a_size(first: object, size: int) -> None:
    assert page_size(first) == size


def test_what_was_refused_is_parsed_once(monkeypatch: pytest.MonkeyPatch, validated: list[object]) -> None:
    parsed: list[str] = []
    parse: Any = vars(documents)["parse"]

    def noting(text: str, **options: Any) -> Any:
        parsed.append(text)
        return parse(text, **options)

    monkeypatch.setattr(documents, "parse", noting)
    server = serving()
    for _ in range(3):
        assert codes_of(ask(post({"query": DEAR}), of=server)) == ["COST_LIMIT_EXCEEDED"]
    assert (len(parsed), len(validated)) == (1, 0)


def test_what_was_refused_and_is_not_valid_says_so_once_it_is_cheap() -> None:
    server = serving()
    query = BY_VARIABLE.replace("id", "nothing")
    for first, code in (
        (100, "COST_LIMIT_EXCEEDED"),
        (1, "GRAPHQL_VALIDATION_FAILED"),
        (100, "COST_LIMIT_EXCEEDED"),
    ):
        response = ask(post({"query": query, "variables": {"first": first}}), of=server)
        assert set(codes_of(response)) == {code}
