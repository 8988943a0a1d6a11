"""Which status, type and body each kind of request gets (GraphQL over HTTP)."""

from urllib.parse import quote, urlencode

import pytest

from colonnade.http import Request
from colonnade.limits import Limits
from tests.server.sample import REQUEST_ID, ask, body_of, codes_of, get, post, server

NEW = "application/graphql-response+json"
OLD = "application/json"


@pytest.mark.parametrize("accept", [NEW, OLD])
def test_post_answers_with_data_in_the_accepted_type(accept: str) -> None:
    response = ask(post({"query": "{ hello }"}, accept=accept))
    assert response.status == 200
    assert response.headers["content-type"] == f"{accept}; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"] == REQUEST_ID
    assert body_of(response) == {"data": {"hello": "hello world"}}


def test_get_answers_a_query_with_variables_and_operation_name() -> None:
    query = urlencode(
        {
            "query": "query A($n: String!) { hello(name: $n) } query B { hello }",
            "variables": '{"n": "Ünï+cöde"}',
            "operationName": "A",
            "extensions": '{"some": "value"}',
        }
    )
    assert body_of(ask(get(query))) == {"data": {"hello": "hello Ünï+cöde"}}


@pytest.mark.parametrize("absent", ["variables", "operationName", "extensions"])
def test_null_is_as_good_as_absent(absent: str) -> None:
    assert "errors" not in body_of(ask(post({"query": "{ hello }", absent: None})))


def test_empty_operation_name_is_as_good_as_absent() -> None:
    assert "errors" not in body_of(ask(get(f"query={quote('{ hello }')}&operationName=")))
    assert "errors" not in body_of(ask(post({"query": "{ hello }", "operationName": ""})))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "GRAPHQL_PARSE_FAILED"),
        ({"query": ""}, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ nope }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "type A { b: Int }"}, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query($n: Int!) { double(number: $n) }"}, "BAD_USER_INPUT"),
        ({"query": "query($n: Int!) { double(number: $n) }", "variables": {"n": "x"}}, "BAD_USER_INPUT"),
        ({"query": "query($m: Moody!) { mood(value: $m) }", "variables": {"m": 1}}, "BAD_USER_INPUT"),
        ({"query": "{ hello }", "operationName": "Nope"}, "OPERATION_RESOLUTION_FAILURE"),
        ({"query": "query A { hello } query B { hello }"}, "OPERATION_RESOLUTION_FAILURE"),
    ],
)
def test_what_cannot_run_is_400_in_the_new_type_and_200_in_the_old_one(body: object, code: str) -> None:
    new, old = ask(post(body, accept=NEW)), ask(post(body, accept=OLD))
    assert (new.status, old.status) == (400, 200)
    for response in (new, old):
        assert set(codes_of(response)) == {code}
        assert "data" not in body_of(response)
        assert body_of(response)["errors"][0]["extensions"]["requestId"] == REQUEST_ID


@pytest.mark.parametrize("accept", [NEW, OLD, None])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"NONSENSE",
        b'{ "not a JSON',
        b'"query"',
        b"null",
        b"\xef\xbb\xbf{}",
        b'{"query": "\xff"}',
        b'{"query": "{ hello }", "query": "{ hello }"}',
        b'{"query": "{ hello }", "variables": {"n": NaN}}',
        {},
        {"qeury": "{ hello }"},
        *({"query": query} for query in (None, {"obj": "ect"}, 0, False, ["array"])),
        *({"query": "{ hello }", "operationName": name} for name in ({"obj": "ect"}, 0, False, ["array"])),
        *({"query": "{ hello }", "variables": value} for value in ("string", 0, False, ["array"])),
        *({"query": "{ hello }", "extensions": value} for value in ("string", 0, False, ["array"])),
    ],
)
def test_malformed_request_is_400_in_every_type(body: object, accept: str | None) -> None:
    response = ask(post(body, accept=accept))
    assert response.status == 400
    assert response.headers["content-type"].startswith(accept or OLD)
    assert codes_of(response) == ["BAD_REQUEST"]
    assert "data" not in body_of(response)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "query=%ff",
        "query={hello}&query={hello}",
        "query={hello}&variables=",
        "query={hello}&variables=[1]",
        "query={hello}&variables={",
        "query={hello}&extensions=7",
        "query=\ud800",
        "&".join(f"a{i}=1" for i in range(101)),
    ],
)
def test_malformed_query_string_is_400(query: str) -> None:
    response = ask(get(query))
    assert response.status == 400
    assert codes_of(response) == ["BAD_REQUEST"]


@pytest.mark.parametrize("accept", [NEW, OLD])
def test_mutation_by_get_is_405_and_nothing_runs(accept: str) -> None:
    response = ask(get("query=" + quote('mutation { rename(name: "x") }'), accept=accept))
    assert response.status == 405
    assert response.headers["allow"] == "POST"
    assert codes_of(response) == ["METHOD_NOT_ALLOWED"]


def test_mutation_by_post_runs() -> None:
    assert body_of(ask(post({"query": 'mutation { rename(name: "x") }'}))) == {"data": {"rename": "x"}}


@pytest.mark.parametrize(
    "request_", [post({"query": "subscription { ticks }"}), get("query=subscription{ticks}")]
)
def test_subscription_over_http_is_refused_with_the_way_to_go(request_: Request) -> None:
    response = ask(request_)
    assert response.status == 400
    assert codes_of(response) == ["SUBSCRIPTION_NOT_SUPPORTED"]
    assert "WebSocket" in body_of(response)["errors"][0]["message"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "post", ""])
def test_other_methods_are_405_with_the_allowed_ones(method: str) -> None:
    response = ask(Request(method, "/graphql"))
    assert response.status == 405
    assert response.headers["allow"] == "GET, POST"


def test_not_acceptable_and_unsupported_types_have_their_statuses() -> None:
    refused = ask(post({"query": "{ hello }"}, accept="text/plain"))
    assert (refused.status, codes_of(refused)) == (406, ["NOT_ACCEPTABLE"])
    refused = ask(post({"query": "{ hello }"}, headers={"content-type": "text/plain"}))
    assert (refused.status, codes_of(refused)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


def test_body_may_be_as_long_as_the_limit_and_no_longer() -> None:
    small = server(Limits(body_bytes=100))
    body = b'{"query": "{ hello }"}'
    assert ask(post(body.ljust(100)), of=small).status == 200
    refused = ask(post(body.ljust(101)), of=small)
    assert (refused.status, codes_of(refused)) == (413, ["PAYLOAD_TOO_LARGE"])
    assert "100 bytes" in body_of(refused)["errors"][0]["message"]
    assert ask(get("query=" + "x" * 95), of=small).status == 414


def test_document_may_have_as_many_tokens_as_the_limit_and_no_more() -> None:
    few = server(Limits(tokens=5))
    assert ask(post({"query": "{ hello hello hello }"}), of=few).status == 200
    refused = ask(post({"query": "{ hello hello hello hello }"}), of=few)
    assert (refused.status, codes_of(refused)) == (400, ["GRAPHQL_PARSE_FAILED"])
    assert "5 tokens" in body_of(refused)["errors"][0]["message"]
    assert codes_of(ask(post({"query": "#\n" * 6 + "{ hello }"}), of=few)) == ["GRAPHQL_PARSE_FAILED"]


def test_request_without_an_id_gets_one() -> None:
    response = ask(Request("PUT", "/graphql"))
    request_id = response.headers["x-request-id"]
    assert len(request_id) == 32
    assert body_of(response)["errors"][0]["extensions"]["requestId"] == request_id


def test_text_is_utf_8_and_half_a_pair_stays_escaped() -> None:
    response = ask(post({"query": "{ grin halfAPair }"}))
    assert '{"data":{"grin":"😀","halfAPair":"\\ud83d"}'.encode() in response.body
