"""Costs that are remembered are those that are computed."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse
from hypothesis import given
from hypothesis import strategies as st

from colonnade.server import remembered_costs
from colonnade.server.cost import TooExpensive
from colonnade.server.documents import operation
from colonnade.server.remembered_costs import MOST_REMEMBERED, RememberedCosts
from colonnade.server.shape import fragments_of
from tests.server.test_cost import SCHEMA, priced

QUERY = """
query($n: Int = 7, $m: Int, $s: [String!]!, $w: Wanted!) {
  coin { holders(first: $n) { edges { node { ...More } } } }
  coins(symbols: $s) { price }
  wanted(input: $w) { symbol }
  __schema { types { name } }
}
fragment More on Coin { holders(first: $m) { edges { cursor } } }
"""

TEXTS = st.lists(st.text(max_size=3), max_size=4)
NUMBERS = st.one_of(st.none(), st.booleans(), st.integers(-3, 130), st.floats(-2, 130), st.text(max_size=3))
VARIABLES = st.fixed_dictionaries(
    {"s": st.one_of(TEXTS, NUMBERS), "w": st.one_of(st.fixed_dictionaries({"symbols": TEXTS}), NUMBERS)},
    optional={"n": NUMBERS, "m": st.one_of(NUMBERS, TEXTS), "unknown": TEXTS},
)


def costs_of(query: str) -> RememberedCosts:
    document = parse(query)
    return RememberedCosts(SCHEMA, operation(document, None), fragments_of(document))


@given(st.lists(VARIABLES, min_size=1, max_size=6))
def test_what_is_remembered_is_what_a_fresh_look_gives(asked: list[dict[str, Any]]) -> None:
    costs = costs_of(QUERY)
    for variables in [*asked, *reversed(asked)]:
        assert costs.of(variables, 10**9) == priced(QUERY, variables)


def test_variables_that_make_no_difference_are_not_looked_at_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = costs_of(
        "query($n: Int, $after: String) { coin { holders(first: $n, after: $after) { edges { cursor } } } }"
    )
    assert costs.of({"n": 3, "after": "a"}, 100) == 1 + 1 + 3
    monkeypatch.setattr(remembered_costs, "weighed", lambda *_: pytest.fail("computed again"))
    assert costs.of({"n": 3, "after": "b"}, 100) == 1 + 1 + 3


def test_what_is_too_dear_is_refused_each_time_and_not_remembered() -> None:
    costs = costs_of("query($n: Int) { coin { holders(first: $n) { edges { cursor } } } }")
    for _ in range(2):
        with pytest.raises(TooExpensive):
            costs.of({"n": 50}, 20)
    assert len(costs) == 0
    assert costs.of({"n": 5}, 20) == 7
    with pytest.raises(TooExpensive):
        costs.of({"n": 50}, 20)


def test_no_client_fills_the_memory() -> None:
    costs = costs_of("query($s: [String!]!) { coins(symbols: $s) { symbol } }")
    for length in range(MOST_REMEMBERED + 50):
        assert costs.of({"s": ["x"] * length}, 10**9) == (length or 10)
    assert len(costs) == MOST_REMEMBERED
