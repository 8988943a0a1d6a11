"""What holds answers against the schema finds what does not fit, and nothing else."""

from __future__ import annotations

from typing import Any, Final

import pytest
from graphql import build_schema, parse

from tests.audits.fuzzing.conformity import violations

SCHEMA: Final = build_schema("""
    scalar BigInt
    enum Colour { RED }
    interface Named { name: String! }
    type Cat implements Named { name: String! lives: Int! colour: Colour }
    type Coin implements Named { name: String! supply: BigInt! }
    type Query { named: [Named!] }
""")
QUERY: Final = parse("""
    { all: named { __typename name ...Nine ... on Coin { supply } ... on Named { again: name } } }
    fragment Nine on Cat { lives colour }
""")
CAT: Final = {"__typename": "Cat", "name": "Tom", "again": "Tom", "lives": 9, "colour": "RED"}
COIN: Final = {"__typename": "Coin", "name": "Ether", "again": "Ether", "supply": "100000000000000000000"}


@pytest.mark.parametrize(
    "data", [None, {"all": None}, {"all": []}, {"all": [CAT, COIN, {**CAT, "colour": None}]}]
)
def test_answer_that_the_schema_allows_has_no_violation(data: object) -> None:
    assert violations(SCHEMA, QUERY, data) == []


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({}, "[] in place of ['all']"),
        ({"all": CAT}, ".all: no list"),
        ({"all": [None]}, ".all[0]: null where there is always something"),
        ({"all": ["Tom"]}, ".all[0]: no object"),
        ({"all": [{**CAT, "__typename": "Dog"}]}, ".all[0]: 'Dog' is no Named"),
        ({"all": [{**CAT, "name": None}]}, ".all[0].name: null"),
        ({"all": [{**CAT, "lives": "9"}]}, ".all[0].lives: '9' is no Int"),
        ({"all": [{**CAT, "lives": True}]}, ".all[0].lives: True is no Int"),
        ({"all": [{**CAT, "colour": "BLUE"}]}, ".all[0].colour: 'BLUE' is no Colour"),
        ({"all": [{**CAT, "supply": "1"}]}, ".all[0]: ['__typename', 'again'"),
        ({"all": [{**COIN, "supply": 1}]}, ".all[0].supply: 1 is no BigInt"),
        ({"all": [{**COIN, "supply": "1e18"}]}, ".all[0].supply: '1e18' is no BigInt"),
    ],
)
def test_what_the_schema_does_not_allow_is_found(data: Any, found: str) -> None:
    (said,) = violations(SCHEMA, QUERY, data)
    assert found in said
