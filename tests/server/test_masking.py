"""What a client and what the log learn of each kind of failure."""

import logging
from typing import Any

import pytest

from tests.server.sample import REQUEST_ID, SECRET, ask, body_of, post


def failure(field: str, **variables: object) -> dict[str, Any]:
    response = ask(post({"query": field, "variables": variables}))
    assert response.status == 200
    assert SECRET not in response.body.decode()
    (error,) = body_of(response)["errors"]
    assert error["extensions"]["requestId"] == REQUEST_ID
    return dict(error)


@pytest.mark.parametrize("field", ["bug", "graphqlBug", "failingTogether", "unserializable"])
def test_unexpected_failure_is_internal_and_its_cause_is_only_in_the_log(
    field: str, caplog: pytest.LogCaptureFixture
) -> None:
    error = failure(f"{{ {field} }}")
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["retryable"] is False
    assert error["path"] == [field]
    assert error["locations"] == [{"line": 1, "column": 3}]
    (record,) = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert record.levelno == logging.ERROR
    assert SECRET in caplog.text
    assert record.exc_info is not None
    assert record.__dict__["fields"]["path"] == field


def test_neighbours_keep_their_data() -> None:
    response = ask(post({"query": "{ hello bug double(number: 2) }"}))
    assert body_of(response)["data"] == {"hello": "hello world", "bug": None, "double": 4}


def test_broken_promise_of_a_value_is_internal_and_nulls_the_answer() -> None:
    response = ask(post({"query": "{ promised }"}))
    assert response.status == 200
    assert body_of(response)["data"] is None
    assert body_of(response)["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "non-nullable" not in response.body.decode()


def test_result_that_is_not_json_is_an_internal_error_of_the_whole_answer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = ask(post({"query": "{ notANumber }"}))
    assert response.status == 500
    assert "data" not in body_of(response)
    assert body_of(response)["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "Out of range float values" in caplog.text


@pytest.mark.parametrize(
    ("field", "code", "message"),
    [
        ("forbidden", "FORBIDDEN", "forbidden needs the permission MODERATE"),
        ("invalidTogether", "BAD_REQUEST", "first: between 1 and 100, not 0"),
    ],
)
def test_public_error_shows_its_message_and_is_not_a_warning(
    field: str, code: str, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    error = failure(f"{{ {field} }}")
    assert (error["extensions"]["code"], error["message"]) == (code, message)
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_store_failure_shows_code_and_patience_but_not_its_message(caplog: pytest.LogCaptureFixture) -> None:
    error = failure("{ late }")
    assert error["extensions"] == {
        "code": "UNAVAILABLE",
        "requestId": REQUEST_ID,
        "retryable": True,
        "retryAfterMs": 250,
    }
    (record,) = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert record.levelno == logging.WARNING
    assert SECRET in record.getMessage()


def test_failure_inside_a_plugin_names_it() -> None:
    error = failure("{ stormy }")
    assert error["message"] == "The chain could not be read."
    assert error["extensions"] == {
        "code": "CHAIN_UNAVAILABLE",
        "requestId": REQUEST_ID,
        "retryable": True,
        "plugin": "weather",
    }


def test_revert_is_a_code_without_the_contracts_words() -> None:
    assert failure("{ reverted }")["extensions"]["code"] == "CALL_REVERTED"


def test_argument_that_is_read_while_executing_is_the_callers_fault() -> None:
    error = failure("query($n: Int = 1) { double(number: $n) }", n=None)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "number" in error["message"]


def test_scalar_that_refuses_a_value_says_why() -> None:
    response = ask(post({"query": "query($m: Moody!) { mood(value: $m) }", "variables": {"m": 1}}))
    assert "moody takes nothing today" in body_of(response)["errors"][0]["message"]


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ("query($m: Moody!) { mood(value: $m) }", {"m": "bug"}),
        ('{ mood(value: "bug") }', {}),
        ('{ moods(values: ["bug"]) }', {}),
    ],
)
def test_scalar_with_a_bug_shows_nothing_of_it(
    query: str, variables: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    response = ask(post({"query": query, "variables": variables}))
    assert response.status == 400
    assert SECRET not in response.body.decode()
    assert SECRET in caplog.text


def test_long_messages_are_cut() -> None:
    response = ask(post({"query": "{ " + "a" * 100_000 + " }"}))
    assert response.status == 400
    assert len(response.body) < 1_500


def test_context_that_cannot_be_made_is_an_internal_error(caplog: pytest.LogCaptureFixture) -> None:
    from colonnade.http import Request
    from colonnade.server import Server
    from tests.server.sample import SCHEMA

    def refuse(request: Request) -> object:
        raise RuntimeError(SECRET)

    response = ask(post({"query": "{ hello }"}), of=Server(SCHEMA, refuse))
    assert response.status == 500
    assert body_of(response)["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert SECRET not in response.body.decode()
    assert SECRET in caplog.text
