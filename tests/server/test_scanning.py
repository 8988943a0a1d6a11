"""What is refused from tokens alone is what would be refused once it is parsed, and nothing else."""

from __future__ import annotations

import pytest
from graphql import GraphQLError, parse
from hypothesis import given
from hypothesis import strategies as st

from colonnade.limits import Limits
from colonnade.server.comparing import comparisons
from colonnade.server.documents import operation
from colonnade.server.scanning import PastLimit, scan
from colonnade.server.shape import Shape, fragments_of
from tests.soak.cases import cases

FEW = Limits(tokens=40, depth=3, aliases=2, comparisons=3)
TOKENS = [
    *("a", "b", "on", "T", "__schema", "x: a", "y: b", ":", "...", "... on T", "...F", "@skip(if: true)", "{", "}"),
    *("(n: {a: {b: {c: 1}}})", "(", ")", "[", "]", "#:{\n", "# \n", '"{a:b}"', '"""{ "" { \\""" """', '"', "1", "$v"),
]  # fmt: skip


def code_of(text: str, limits: Limits = FEW) -> str | None:
    try:
        scan(text, limits)
    except PastLimit as past:
        return past.code
    return None


@st.composite
def selections(draw: st.DrawFn, depth: int = 3) -> str:
    inner = selections(depth - 1) if depth else st.nothing()
    one = st.sampled_from(
        ["a", "b", "x: a", "y: b", "a(n: {a: {b: {c: {}}}})", "b @skip(if: true)", "# {\n a", "...F"]
    )
    nested = st.tuples(
        st.sampled_from(["a", "x: a", "... on T", "...", "... @skip(if: true)", "on"]), inner
    ).map(" ".join)
    return "{ " + " ".join(draw(st.lists(one | nested, min_size=1, max_size=3))) + " }"  # fmt: skip


@cases(60)
@given(selections(), selections())
def test_what_is_refused_would_be_refused_once_parsed(first: str, second: str) -> None:
    text = f"query Q($n: T = {{a: {{b: {{}}}}}}) {first} fragment F on T {second}"
    code = code_of(text)
    document = parse(text)
    shape = Shape(operation(document, "Q"), fragments_of(document))
    if code == "COMPARISON_LIMIT_EXCEEDED":
        assert comparisons(document, FEW.comparisons) > FEW.comparisons
    elif code == "ALIAS_LIMIT_EXCEEDED":
        assert max(first.count(" x:") + first.count(" y:"), second.count(" x:") + second.count(" y:")) > 2
    elif code == "DEPTH_LIMIT_EXCEEDED":
        # What is spread selects a field at least, or the document is refused for that.
        parts = [Shape(operation(parse(part.replace("...F", "z")), None), {}) for part in (first, second)]
        assert max(part.depth for part in parts) > FEW.depth
    elif code is None and "...F" not in first + second:
        assert shape.depth <= FEW.depth
        assert shape.aliases <= FEW.aliases


@cases(300)
@given(st.lists(st.sampled_from(TOKENS), max_size=60))
def test_tokens_are_counted_as_the_parser_counts_them(tokens: list[str]) -> None:
    text = " ".join(tokens)
    most = Limits(tokens=10)
    if code_of(text, most) != "GRAPHQL_PARSE_FAILED":
        return
    with pytest.raises(GraphQLError):
        parse(text, max_lexical_tokens=10, max_comments=10)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{ a { a { a { a } } } }", "DEPTH_LIMIT_EXCEEDED"),
        ("{ a { a { a } } }", None),
        ("{ a { ... on T { ... { a { a } } } } }", None),
        ("{ __schema { a { a { a { a { a } } } } } }", None),
        ("{ __type(name: 1) { a { a { a { a { a } } } } } }", None),
        ("{ on { on { on { on } } } }", "DEPTH_LIMIT_EXCEEDED"),
        ("{ a(n: {a: {a: {a: {a: 1}}}}) }", None),
        ("{ x: a y: a z: a }", "ALIAS_LIMIT_EXCEEDED"),
        ("query A { x: a y: a } query B { x: a y: a }", None),
        ("{ a a a a }", "COMPARISON_LIMIT_EXCEEDED"),
        ("{ a ... { a ... on T { a a } } }", "COMPARISON_LIMIT_EXCEEDED"),
        ("{ a { a } a { a } a { a } }", None),
        ("{ b @a @a @a @a @a }", None),
        ('{ a(n: """ { \\""" { """) }', None),
        ("{ " + "a " * 41, "COMPARISON_LIMIT_EXCEEDED"),
        ("[" * 41, "GRAPHQL_PARSE_FAILED"),
        ("#\n" * 41, "GRAPHQL_PARSE_FAILED"),
        ("} " + "[" * 41, None),
    ],
)
def test_each_limit_is_known_from_tokens(text: str, code: str | None) -> None:
    assert code_of(text) == code


@pytest.mark.parametrize("text", ["[" * 99_000, "#\n" * 49_000, '"" ' * 33_000, "#\n[" * 33_000])
def test_a_long_document_is_not_read_to_its_end(text: str) -> None:
    assert code_of(text, Limits()) == "GRAPHQL_PARSE_FAILED"


@pytest.mark.parametrize("ignored", [",", " ", "#", "\n", "\ufeff"])
def test_what_is_ignored_is_not_so_without_end(ignored: str) -> None:
    fits = "{ a }" + ignored * (1_000 - len("{ a }"))
    assert code_of(fits) is None
    assert code_of(fits + ignored) == "GRAPHQL_PARSE_FAILED"


@pytest.mark.parametrize("text", ['"' * 99_000, '\\"""\n' * 19_000, '"""' + '\\"""' * 24_000, "0-" * 49_000])
def test_what_never_ends_ends_the_pass(text: str) -> None:
    code_of(text, Limits())
