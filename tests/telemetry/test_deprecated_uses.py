"""Owners see which deprecated parts of their schema are still used, and no value of whoever uses them."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLSchema, OperationDefinitionNode, build_schema, parse, validate, validate_schema

from colonnade.server.deprecated_uses import Uses, deprecated_coordinates
from colonnade.server.shape import fragments_of
from colonnade.telemetry.record import Record
from colonnade.telemetry.recording import Telemetry

SCHEMA = build_schema(
    """
    directive @shown(as: Order, old: Int @deprecated) on FIELD | QUERY | FRAGMENT_SPREAD
    enum Order { NEWEST OLD @deprecated }
    input Inner { order: Order, old: Int @deprecated }
    input Filter { inner: [Inner!], old: Int @deprecated }
    interface Named { name: String @deprecated }
    type Pool implements Named { name: String @deprecated, fee: Int, old: Int @deprecated, pools: [Pool!] }
    type Query {
      pools(filter: Filter, old: Int @deprecated, order: Order): [Pool!]
      named: Named
      old: Int @deprecated
    }
    """
)


def used(text: str, variables: dict[str, Any] | None = None, schema: GraphQLSchema = SCHEMA) -> list[str]:
    document = parse(text)
    assert not validate(schema, document)
    chosen = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    uses = Uses(schema, chosen, fragments_of(document), deprecated_coordinates(schema))
    again = uses.of(variables or {})
    assert again == uses.of(variables or {})
    return list(again)


def test_everything_that_a_schema_deprecates_has_a_coordinate() -> None:
    assert deprecated_coordinates(SCHEMA) == {
        "Order.OLD", "Inner.old", "Filter.old", "Named.name", "Pool.name", "Pool.old", "Query.pools(old:)", "Query.old",
        "@shown(old:)",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "coordinates"),
    [
        ("{ pools { fee } }", []),
        ("{ old other: old }", ["Query.old"]),
        ("{ named { name } }", ["Named.name"]),
        ("{ named { ... on Pool { name old } } }", ["Pool.name", "Pool.old"]),
        ("{ pools { ... on Named { name } } }", ["Named.name"]),
        ("{ pools(old: 1) { fee } }", ["Query.pools(old:)"]),
        ("{ pools(order: OLD) { fee } }", ["Order.OLD"]),
        ("{ pools(filter: {old: 1, inner: [{order: OLD, old: 2}]}) { fee } }", ["Filter.old", "Inner.old", "Order.OLD"]),
        ("{ pools { ...A } } fragment A on Pool { pools { ...B } } fragment B on Pool { old }", ["Pool.old"]),
        ("{ pools @shown(old: 1) { fee } }", ["@shown(old:)"]),
        ("{ pools @shown(as: OLD) { fee } }", ["Order.OLD"]),
        ("query @shown(old: 1) { pools { fee } }", ["@shown(old:)"]),
        ("{ pools { ...A @shown(old: 1) } } fragment A on Pool { fee }", ["@shown(old:)"]),
        ("{ pools(old: 1) @shown(old: 1) { fee } }", ["@shown(old:)", "Query.pools(old:)"]),
        ("query A { named { __typename } } query B { old }", []),
        ("query ($o: Order = OLD) { pools(order: $o) @skip(if: false) { fee } }", ["Order.OLD"]),
    ],
)  # fmt: skip
def test_what_a_document_says_is_found_wherever_it_stands(text: str, coordinates: list[str]) -> None:
    assert used(text) == coordinates


def test_no_valid_schema_deprecates_a_field_that_an_interface_keeps() -> None:
    schema = build_schema(
        """
        interface Named { name: String }
        type Pool implements Named { name: String @deprecated }
        type Query { named: Named, pool: Pool }
        """
    )
    refused = validate_schema(schema)
    assert len(refused) == 1
    assert "Pool.name must not be deprecated" in refused[0].message


@pytest.mark.parametrize(
    ("filters", "coordinates"),
    [
        ({"inner": [{"order": "OLD"}, {"old": 1}]}, ["Inner.old", "Order.OLD"]),
        ({"inner": {"order": "OLD"}}, ["Order.OLD"]),
        ({"old": "Query.old"}, ["Filter.old"]),
        ({"canary": 1, "inner": [{"order": "Order.OLD"}, 7, None]}, []),
        ("Filter.old", []),
    ],
)
def test_what_variables_hold_is_found_and_what_does_not_fit_is_nothing(
    filters: object, coordinates: list[str]
) -> None:
    text = "query ($f: Filter) { pools(filter: $f) { fee } }"
    assert used(text, {"f": filters, "old": 1}) == coordinates


def test_a_schema_that_deprecates_nothing_looks_at_no_document() -> None:
    schema = build_schema("type Query { old: Int }")
    document = parse("{ ...missing }")  # to look at it would fail
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert not Uses(schema, operation, {}, deprecated_coordinates(schema)).of({})


class Counted:
    def __init__(self) -> None:
        self.told: list[tuple[str, dict[str, str]]] = []

    def count(self, name: str, value: float, unit: str, **dimensions: str) -> None:
        self.told.append((name, dimensions))

    def flush(self) -> None:
        raise AssertionError("nobody ends an invocation here")


def test_each_use_is_a_count_of_its_coordinate_and_in_the_line() -> None:
    counted = Counted()
    record = Record("http")
    record.deprecated = ["Pool.old", "Query.pools(old:)"]
    Telemetry(counted).tell(record)
    assert [dimensions for name, dimensions in counted.told if name == "DeprecatedUses"] == [
        {"coordinate": "Pool.old"},
        {"coordinate": "Query.pools(old:)"},
    ]
    assert record.fields()["deprecated"] == ["Pool.old", "Query.pools(old:)"]
    assert "deprecated" not in Record("http").fields()
