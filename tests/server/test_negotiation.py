import pytest

from colonnade.server.negotiation import GRAPHQL_RESPONSE, JSON, require_json_body, response_type
from colonnade.server.refusal import Refusal


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("APPLICATION/JSON; charset=UTF-8", JSON),
        ("application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/graphql-response+json, application/json", GRAPHQL_RESPONSE),
        ("application/json, application/graphql-response+json", JSON),
        ("application/json;q=0.5, application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/json, application/graphql-response+json;q=0.9", JSON),
        ("*/*, application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/graphql-response+json;q=0.9, */*", JSON),
        ("*/*;q=0.1, application/json;q=0, application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/json;q=0, */*", GRAPHQL_RESPONSE),
        ("text/html, application/xhtml+xml, */*;q=0.8", JSON),
        ("application/json;q=2, application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/json, multipart/mixed", JSON),
        (";;;,,application/json", JSON),
    ],
)
def test_client_gets_the_type_it_likes_best(accept: str | None, expected: str) -> None:
    assert response_type(accept) == expected


@pytest.mark.parametrize(
    "accept",
    [
        "text/plain",
        "text/html",
        "application/json;q=0",
        "*/*;q=0",
        "application/json;charset=latin-1",
        "application/graphql+json",
        "nonsense",
    ],
)
def test_client_that_accepts_nothing_we_have_is_told_so(accept: str) -> None:
    with pytest.raises(Refusal) as refused:
        response_type(accept)
    assert refused.value.status == 406
    assert JSON in refused.value.message


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON ; Charset=UTF-8",
        'application/json;charset="utf-8"',
        "application/json;v=1",
    ],
)
def test_json_in_utf_8_is_accepted(content_type: str) -> None:
    require_json_body(content_type, None)
    require_json_body(content_type, "identity")


@pytest.mark.parametrize(
    ("content_type", "content_encoding"),
    [
        (None, None),
        ("", None),
        ("text/plain", None),
        ("application/x-www-form-urlencoded", None),
        ("multipart/form-data; boundary=x", None),
        ("application/graphql", None),
        ("application/json, application/json", None),
        ("text/plain; application/json", None),
        ("application/json; charset=utf-16", None),
        ("application/json", "gzip"),
    ],
)
def test_what_a_form_on_another_site_can_send_is_refused(
    content_type: str | None, content_encoding: str | None
) -> None:
    with pytest.raises(Refusal) as refused:
        require_json_body(content_type, content_encoding)
    assert refused.value.status == 415
