"""What operations cost before they run."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from graphql import get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from colonnade.cost import cost, upstream
from colonnade.server.cost import TooExpensive, operation_cost
from colonnade.server.documents import operation
from colonnade.server.shape import Shape, fragments_of


@strawberry.interface
class Priced:
    @strawberry.field
    def value(self) -> str:
        return "little"


@strawberry.type
class Rare(Priced):
    @strawberry.field(extensions=[cost(7)])
    def value(self) -> str:
        return "much"


@strawberry.type
class Coin:
    symbol: str

    @strawberry.field
    def pair(self) -> Coin | None: ...

    @strawberry.field
    def holders(self, first: int = 20, after: str | None = None) -> CoinConnection | None: ...

    @strawberry.field
    def rivals(self) -> list[Coin]:
        return []

    @strawberry.field(extensions=[upstream()])
    def price(self) -> str | None: ...


@strawberry.type
class CoinEdge:
    cursor: str
    node: Coin


@strawberry.type
class PageInfo:
    end: str


@strawberry.type
class CoinConnection:
    edges: list[CoinEdge]
    page_info: PageInfo


@strawberry.input
class Wanted:
    symbols: list[str]


@strawberry.type
class Query:
    @strawberry.field
    def coin(self) -> Coin | None: ...

    @strawberry.field
    def coins(self, symbols: list[str]) -> list[Coin]:
        return []

    @strawberry.field
    def wanted(self, input: Wanted) -> list[Coin]:  # noqa: A002 - what inputs are called
        return []

    @strawberry.field
    def each(self, wanted: list[Wanted]) -> list[Coin]:
        return []

    @strawberry.field
    def priced(self) -> Priced | None: ...

    @strawberry.field(extensions=[cost(30)])
    def audit(self) -> str | None: ...


@strawberry.type
class Mutation:
    @strawberry.field
    def create_coin(self) -> Coin | None: ...


SCHEMA = strawberry.Schema(Query, Mutation, types=[Rare])._schema


def priced(query: str, variables: dict[str, Any] | None = None, ceiling: int = 10**9) -> int:
    document = parse(query)
    return operation_cost(SCHEMA, operation(document, None), fragments_of(document), variables or {}, ceiling)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ __typename }", 0),
        ("{ coin { symbol } }", 1),
        ("{ coin { symbol pair { symbol } } }", 2),
        ("{ coin { price } }", 1 + 5),
        ("{ audit }", 30),
        ("mutation { createCoin { symbol } }", 10 + 1),
        ("mutation { a: createCoin { symbol } b: createCoin { pair { symbol } } }", 11 + 12),
        # The coin, the connection, its page info, and three edges with a coin each.
        ("{ coin { holders(first: 3) { pageInfo { end } edges { node { symbol } } } } }", 1 + 1 + 1 + 3 + 3),
        ("{ coin { holders { edges { cursor } } } }", 1 + 1 + 20),
        ("{ coin { holders(first: 5000) { edges { cursor } } } }", 1 + 1 + 100),
        ("{ coin { holders(first: -1) { edges { cursor } } } }", 1 + 1 + 1),
        ("{ coin { rivals { symbol } } }", 1 + 10),
        ('{ coins(symbols: ["a", "b"]) { price } }', 2 + 2 * 5),
        ('{ wanted(input: { symbols: ["a", "b", "c"] }) { symbol } }', 3),
        # An empty list may well mean "all".
        ("{ coins(symbols: []) { price } }", 10 + 10 * 5),
        ('{ each(wanted: [{ symbols: ["a", "b", "c"] }]) { symbol } }', 3),
        ("{ priced { value } }", 1 + 7),
        ("{ coin { symbol } coin { symbol } }", 1),
        ("{ coin { pair { symbol } } ...C } fragment C on Query { coin { pair { price } } }", 2 + 5),
        ("{ a: coin { symbol } b: coin { symbol } }", 2),
        ("{ ... { coin { ... on Coin { symbol } } } }", 1),
        ("{ __schema { types { fields { name } } } }", 3),
        ("{ coin { symbol } __schema { ...T } } fragment T on __Schema { types { fields { name } } }", 1 + 3),
    ],
)
def test_cost_is_that_of_the_largest_response(query: str, expected: int) -> None:
    assert priced(query) == expected


def test_variables_count_with_their_values_and_their_defaults() -> None:
    query = "query($n: Int = 2) { coin { holders(first: $n) { edges { cursor } } } }"
    assert priced(query) == 1 + 1 + 2
    assert priced(query, {"n": 7}) == 1 + 1 + 7
    assert priced(query, {"n": "seven"}) == 1 + 1 + 20
    assert priced(query, {"n": 100.0}) == 1 + 1 + 100
    assert priced("query($s: [String!]!) { coins(symbols: $s) { symbol } }", {"s": ["a"] * 9}) == 9
    assert priced("query($s: [String!]!) { coins(symbols: $s) { symbol } }", {"s": []}) == 10
    assert priced("query($i: Wanted!) { wanted(input: $i) { symbol } }", {"i": {"symbols": ["a"] * 4}}) == 4


def test_a_list_that_is_a_variables_default_counts_with_its_length() -> None:
    listed = ", ".join('"a"' for _ in range(90))
    assert priced(f"query($s: [String!]! = [{listed}]) {{ coins(symbols: $s) {{ symbol }} }}") == 90
    assert (
        priced(f"query($s: [String!] = [{listed}]) {{ coins(symbols: $s) {{ symbol }} }}", {"s": ["a"]}) == 1
    )
    wanted = f"query($i: Wanted! = {{ symbols: [{listed}] }}) {{ wanted(input: $i) {{ symbol }} }}"
    assert priced(wanted) == 90


def test_a_schema_is_described_once_and_not_by_many_aliases() -> None:
    described = get_introspection_query(input_value_deprecation=True, specified_by_url=True)
    assert 0 < priced(described, ceiling=500) < 500
    fragment = described[described.index("fragment FullType") :]
    types = " ".join(f"a{n}: types {{ ...FullType }}" for n in range(29))
    again = " ".join(f"a{n}: __schema {{ types {{ ...FullType }} }}" for n in range(29))
    for repeated in (f"{{ __schema {{ {types} }} }} {fragment}", f"{{ {again} }} {fragment}"):
        with pytest.raises(TooExpensive) as refused:
            priced(repeated, ceiling=2_000)
        assert 2_000 < refused.value.measured < 2_200


def test_measuring_stops_at_the_ceiling() -> None:
    nested = "{ coin { holders(first: 100) { edges { node { symbol } } } } }"
    with pytest.raises(TooExpensive) as refused:
        priced(nested, ceiling=100)
    assert refused.value.measured > 100


def test_fragments_within_fragments_are_not_measured_for_ever() -> None:
    levels = [
        f"fragment F{n} on Coin {{ " + " ".join(f"a{i}: pair {{ ...F{n + 1} }}" for i in range(10)) + " }"
        for n in range(12)
    ]
    query = "{ coin { ...F0 } } fragment F12 on Coin { symbol } " + " ".join(levels)
    described = "{ __schema { types { ...T0 } } } fragment T5 on __Type { kind } " + " ".join(
        f"fragment T{n} on __Type {{ " + " ".join(f"a{i}: ofType {{ ...T{n + 1} }}" for i in range(10)) + " }"
        for n in range(5)
    )
    for endless in (query, described):
        with pytest.raises(TooExpensive) as refused:
            priced(endless)
        assert refused.value.measured == 10**9 + 1


@pytest.mark.soak
@given(st.integers(1, 100), st.integers(1, 100))
def test_pages_within_pages_multiply(outer: int, inner: int) -> None:
    query = (
        f"{{ coin {{ holders(first: {outer}) {{ edges {{ node {{ "
        f"holders(first: {inner}) {{ edges {{ cursor }} }} }} }} }} }} }}"
    )
    assert priced(query) == 1 + 1 + outer * (1 + 1 + 1 + inner)


@pytest.mark.parametrize(
    ("query", "depth", "aliases"),
    [
        ("{ coin { symbol } }", 2, 0),
        ("{ a: coin { b: symbol } }", 2, 2),
        ("{ ...F } fragment F on Query { coin { pair { pair { symbol } } } }", 4, 0),
        ("{ ... { ... { coin { symbol } } } }", 2, 0),
        ("{ coin { ...F pair { ...F } } } fragment F on Coin { x: symbol pair { symbol } }", 4, 1),
        ("{ __schema { types { fields { type { ofType { ofType { name } } } } } } }", 1, 0),
    ],
)
def test_depth_and_aliases_are_told_from_the_document(query: str, depth: int, aliases: int) -> None:
    document = parse(query)
    shape = Shape(operation(document, None), fragments_of(document))
    assert (shape.depth, shape.aliases) == (depth, aliases)
