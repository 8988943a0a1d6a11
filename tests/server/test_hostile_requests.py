"""Requests made to hurt: each gets a typed answer, soon."""

import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from colonnade.http import Request
from tests.server.sample import ask, body_of, post, server
from tests.soak.cases import cases

TYPED = {
    "ALIAS_LIMIT_EXCEEDED",
    "BAD_REQUEST",
    "BAD_USER_INPUT",
    "BATCH_TOO_LARGE",
    "GRAPHQL_PARSE_FAILED",
    "COMPARISON_LIMIT_EXCEEDED",
    "COST_LIMIT_EXCEEDED",
    "DEPTH_LIMIT_EXCEEDED",
    "GRAPHQL_VALIDATION_FAILED",
    "METHOD_NOT_ALLOWED",
    "NOT_ACCEPTABLE",
    "OPERATION_RESOLUTION_FAILURE",
    "PAYLOAD_TOO_LARGE",
    "SUBSCRIPTION_NOT_SUPPORTED",
    "UNSUPPORTED_MEDIA_TYPE",
}
FRAGMENTS = " ".join(f"fragment F{i} on Query {{ hello ...F{i + 1} ...F{i + 2} }}" for i in range(200))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"query": "{" * 200_000}, id="braces"),
        pytest.param({"query": "{ hello" + " hello" * 3_990 + " }"}, id="one field thousands of times"),
        pytest.param(
            {"query": "{" + "".join(f" x:double(number:{i})" for i in range(480)) + "}"}, id="conflicts"
        ),
        pytest.param({"query": "{ ...F0 } " + FRAGMENTS}, id="fragments in fragments"),
        pytest.param(
            {"query": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"}, id="circle"
        ),
        pytest.param(
            {"query": "{ double(number: " + "9" * 250_000 + ") }"}, id="long number in the document"
        ),
        pytest.param({"query": "{ total(numbers: " + "[" * 1_900 + "]" * 1_900 + ") }"}, id="lists in lists"),
        pytest.param({"query": '{ hello(name: "' + "\\u00e9" * 30_000 + '") }'}, id="long string"),
        pytest.param({"query": "#" * 250_000 + "\n{ hello }"}, id="long comment"),
        pytest.param({"query": "{ hello " + "@skip(if: false) " * 600 + "}"}, id="directives"),
        pytest.param({"query": "{ " + "helo " * 1_900 + "}"}, id="suggestions"),
        pytest.param(
            {"query": "query(" + " ".join(f"$v{i}: Int" for i in range(900)) + ") { hello }"}, id="variables"
        ),
        pytest.param(
            {
                "query": "query($n: Int!) { double(number: $n) }",
                "variables": {f"k{i}": i for i in range(15_000)},
            },
            id="unknown variables",
        ),
        pytest.param(
            {"query": "query($n: [Int!]!) { total(numbers: $n) }", "variables": {"n": ["x"] * 50_000}},
            id="fifty thousand errors",
        ),
        pytest.param(
            b'{"query": "{ hello }", "variables": ' + b'{"a":' * 40_000 + b"1" + b"}" * 40_000 + b"}",
            id="deep",
        ),
        pytest.param(
            b'{"query": "{ hello }", "variables": {"n": ' + b"9" * 250_000 + b"}}", id="long number"
        ),
        pytest.param(b'{"query": "{ hello }", "variables": {"n": 1e999999999}}', id="huge exponent"),
        pytest.param(b"[" * 262_144, id="brackets"),
        pytest.param(
            {"query": "{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}"},
            id="introspection",
        ),
    ],
)
def test_hostile_request_is_answered_with_a_code_within_seconds(body: object) -> None:
    started = time.process_time()
    response = ask(post(body))
    assert time.process_time() - started < 10
    assert response.status in {200, 400}
    assert len(response.body) < 200_000
    for error in body_of(response).get("errors", ()):
        assert error["extensions"]["code"] in TYPED


HEADERS = st.dictionaries(
    st.sampled_from(["accept", "content-type", "content-encoding", "x-anything"]),
    st.sampled_from(["application/json", "application/graphql-response+json", "*/*", "text/html", ""])
    | st.text(st.characters(codec="latin-1"), max_size=40),
)
QUERIES = st.sampled_from(
    [
        "{ hello }",
        "{ bug }",
        "query A { hello } query B { hello }",
        "mutation { rename(name: 1) }",
        "{ nope }",
    ]
) | st.text(max_size=60)
MEMBERS = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.lists(st.integers(), max_size=3)
)
OBJECTS = st.fixed_dictionaries(
    {},
    optional={
        "query": QUERIES | MEMBERS,
        "operationName": st.sampled_from(["A", "C"]) | MEMBERS,
        "variables": st.dictionaries(st.text(max_size=3), MEMBERS, max_size=3) | MEMBERS,
        "extensions": st.dictionaries(st.text(max_size=3), MEMBERS, max_size=3) | MEMBERS,
    },
)
BODIES = (
    OBJECTS.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=80)
    | MEMBERS.map(lambda value: json.dumps(value).encode())
)
SERVER = server()


@cases(400)
@given(st.sampled_from(["GET", "POST", "PUT"]) | st.text(max_size=8), st.text(max_size=80), HEADERS, BODIES)
@example("POST", "", {"content-type": "application/json"}, b'{"query": "{ bug }"}')
def test_no_request_makes_the_server_fail(
    method: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    response = ask(Request(method, "/graphql", query, headers, body), of=SERVER)
    assert 200 <= response.status < 500
    answer = body_of(response)
    assert set(answer) <= {"data", "errors"}
    assert response.status == 200 or set(answer) == {"errors"}
    for error in answer.get("errors", ()):
        assert error["message"]
        assert error["extensions"]["code"] in TYPED | {"INTERNAL"}
        if error["extensions"]["code"] == "INTERNAL":
            assert error["path"] == ["bug"]
