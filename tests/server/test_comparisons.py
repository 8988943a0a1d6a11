"""What a document repeats is compared pair by pair: how many pairs that makes is known, and bounded, before it is."""

from __future__ import annotations

from typing import Any

import pytest
import strawberry
from graphql import parse, specified_rules, validate
from graphql.validation.rules import overlapping_fields_can_be_merged as rule
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.limits import Limits
from colonnade.server import Server
from colonnade.server.comparing import comparisons
from tests.server.sample import ask, body_of, codes_of, post


@strawberry.type
class Query:
    @strawberry.field
    def q(self) -> Query:
        return self

    @strawberry.field
    def a(self) -> int:
        return 1


SCHEMA = strawberry.Schema(Query)
SERVER = Server(SCHEMA, lambda request: request, Limits())


def counted(query: str, ceiling: int = 10**9) -> int:
    return comparisons(parse(query, no_location=True), ceiling)


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("{ a q { a } }", 0),
        ("{ a a a }", 3),
        ("{ a b: a c: a }", 0),
        ("{ q { a } q { a } q { a } }", 6),
        ("{ q { a a } other: q { a a } }", 2),
        ("{ a ... { a ... on Query { a } } }", 3),
        ("{ a ...F } fragment F on Query { a }", 1),
        ("{ ...F ...F ...F } fragment F on Query { a }", 0),
        ("{ ...F ...G } fragment F on Query { a } fragment G on Query { q { a } }", 1),
        ("{ q { ...F } other: q { ...F } } fragment F on Query { a a }", 1),
        ("{ ...F } fragment F on Query { q { ...F } }", 0),
        ("{ ...Missing }", 0),
    ],
)
def test_selections_of_one_name_in_one_part_are_pairs(query: str, pairs: int) -> None:
    assert counted(query) == pairs


def repeated(unit: str, times: int) -> str:
    return unit * times


FRAGMENTS = "".join(f"fragment F{n} on Query {{ a }} " for n in range(300))

HOSTILE = {
    "one field": f"{{ {repeated('a ', 1_500)} }}",
    "one object": f"{{ {repeated('q { a } ', 900)} }}",
    "objects in objects": f"{{ {repeated('q { q { q { a } } } ', 350)} }}",
    "a field that does not exist": f"{{ {repeated('zz ', 3_000)} }}",
    "inline fragments": f"{{ {repeated('... { a } ', 900)} }}",
    "many fragments": f"{{ {''.join(f'...F{n} ' for n in range(300))} }} {FRAGMENTS}",
    "one object with many fragments": f"{{ {''.join(f'q {{ ...F{n} }} ' for n in range(300))} }} {FRAGMENTS}",
    "in a fragment that nobody spreads": f"{{ a }} fragment F on Query {{ {repeated('a ', 1_500)} }}",
}


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_a_document_that_repeats_itself_is_refused_before_it_is_compared(
    query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("colonnade.server.documents.validate", None)

    response = ask(post({"query": query}), of=SERVER)

    assert (response.status, codes_of(response)) == (400, ["COMPARISON_LIMIT_EXCEEDED"])
    assert "at most 5000 here" in body_of(response)["errors"][0]["message"]


def test_a_document_may_repeat_itself_as_often_as_the_limit_and_no_more() -> None:
    server = Server(SCHEMA, lambda request: request, Limits(comparisons=3))

    assert body_of(ask(post({"query": "{ a a a }"}), of=server))["data"] == {"a": 1}
    assert codes_of(ask(post({"query": "{ a a a a }"}), of=server)) == ["COMPARISON_LIMIT_EXCEEDED"]


def test_documents_as_clients_generate_them_are_far_below_the_limit() -> None:
    fields = "__typename id a "
    fragments = "".join(f"fragment C{n} on Query {{ {fields} q {{ {fields} }} }} " for n in range(20))
    page = f"query Page {{ {fields} {''.join(f'...C{n} ' for n in range(20))} }} {fragments}"

    assert counted(page) < Limits().comparisons / 3


def test_fragments_within_fragments_are_counted_without_writing_them_out() -> None:
    chain = "".join(
        f"fragment F{n} on Query {{ x: q {{ ...F{n + 1} }} y: q {{ ...F{n + 1} }} }} " for n in range(200)
    )
    assert counted(f"{{ ...F0 }} {chain} fragment F200 on Query {{ a }}") == 0


def test_what_cannot_be_counted_counts_as_too_much() -> None:
    each = "".join(
        f"fragment F{n} on Query {{ x{n}: a {''.join(f'...F{m} ' for m in range(n))} }} " for n in range(35)
    )
    many = "".join(f"y{n}: q {{ z{n}: a ...F34 }} " for n in range(200))
    assert counted(f"{{ {many} }} {each}", 10**6) == 10**6 + 1


LEAVES = st.sampled_from(["a", "b: a", "...F", "...G", "...H"])
BLOCKS = st.recursive(
    LEAVES,
    lambda inner: st.builds(
        lambda head, body: f"{head} {{ {' '.join(body)} }}",
        st.sampled_from(["q", "p: q", "..."]),
        st.lists(inner, min_size=1, max_size=5),
    ),
    max_leaves=12,
)
SETS = st.lists(BLOCKS, min_size=1, max_size=6).map(" ".join)


@given(SETS, SETS, SETS, SETS)
@settings(deadline=None, max_examples=60)
def test_the_rule_compares_no_more_pairs_of_fields_than_were_counted(
    whole: str, first: str, second: str, third: str
) -> None:
    document = parse(
        f"{{ {whole} }} fragment F on Query {{ {first} }} fragment G on Query {{ {second} }} "
        f"fragment H on Query {{ {third} }}"
    )
    compared: set[tuple[int, int]] = set()
    original = rule.find_conflict

    def find_conflict(*arguments: Any) -> Any:
        fields = [a.node for a in arguments if isinstance(a, rule.FieldDetails)]
        one, other = sorted(map(id, fields))
        compared.add((one, other))
        return original(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule, "find_conflict", find_conflict)
        validate(SCHEMA._schema, document, specified_rules)

    assert len({pair for pair in compared if pair[0] != pair[1]}) <= comparisons(document, 10**9)
