"""Reads by the shortest way say what botocore's own say, in bad weather too."""

from __future__ import annotations

import zlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import Binary, TypeDeserializer
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import ClientError, NoCredentialsError, ReadTimeoutError
from botocore.parsers import ResponseParserError
from hypothesis import given
from hypothesis import strategies as st

from infra.dynamodb import DynamoDBSettings
from infra.dynamodb.client import Calls, connect, refuse_rubbish
from infra.dynamodb.items import unmarshal
from infra.dynamodb.reading import Reads
from tests.infra.dynamodb.scripted_server import Answer, ScriptedServer, Silence, answer, error
from tests.infra.dynamodb.test_parsing import NAMES, TEXT

READ = {"TableName": "table", "Key": {"_pk": {"S": "größe"}, "_sk": {"B": b"\x00\xff"}}}
FOUND = {"a": {"S": "x"}}


def calls(server: ScriptedServer, **changes: Any) -> Calls:
    return Calls(replace(DynamoDBSettings.local(server.url, "table"), **changes))


def by_botocore(server: ScriptedServer) -> Any:
    return connect(DynamoDBSettings.local(server.url, "table"))


def test_botocore_sends_the_first_read_of_a_kind_and_no_further_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(*[answer(Item=FOUND)] * 3) as server:
        through = calls(server)
        asked: list[str] = []
        through.client.meta.events.register(
            "before-call.dynamodb", lambda model, **_: asked.append(model.name)
        )
        sent: list[str] = []
        through.client.meta.events.register(
            "before-send.dynamodb", lambda event_name, **_: sent.append(event_name)
        )
        found = [through._send("get_item", READ)["Item"] for _ in range(3)]
    assert found == [FOUND] * 3
    assert asked == ["GetItem"]
    assert sent == ["before-send.dynamodb.GetItem"] * 3
    assert server.requests[0] == server.requests[1] == server.requests[2]
    assert server.connections == 1


def test_each_way_sends_the_same_headers_but_for_those_of_the_one_request() -> None:
    with ScriptedServer(*[answer(Item=FOUND)] * 2) as server:
        through = calls(server)
        seen: list[dict[str, str]] = []

        def note(request: Any, **_: object) -> None:
            seen.append(
                {n.lower(): v if isinstance(v, str) else v.decode() for n, v in request.headers.items()}
            )

        through.client.meta.events.register("before-send.dynamodb", note)
        for _ in range(2):
            through._send("get_item", READ)
    theirs, ours = seen
    apart = {"authorization", "x-amz-date", "amz-sdk-invocation-id", "content-length"}
    assert theirs.keys() == ours.keys()
    assert {n: v for n, v in theirs.items() if n not in apart} == {
        n: v for n, v in ours.items() if n not in apart
    }


@pytest.mark.parametrize(
    "refusal",
    [
        error("ThrottlingException"),
        error("ResourceNotFoundException", "no such table"),
        error("ValidationException", status=400),
        error("InternalServerError", status=500),
        Answer(503, b"<html>busy</html>"),
        Answer(413, b""),
        Answer(301, b""),
    ],
)
def test_a_refusal_is_the_error_that_botocore_raises(refusal: Answer) -> None:
    with ScriptedServer(answer(Item=FOUND), refusal, refusal) as server:
        through = calls(server)
        through._send("get_item", READ)
        with pytest.raises(ClientError) as ours:
            through._send("get_item", READ)
        with pytest.raises(ClientError) as theirs:
            by_botocore(server).get_item(**READ)
    assert type(ours.value).__name__ == type(theirs.value).__name__
    assert ours.value.response["Error"] == theirs.value.response["Error"]
    status = [e.value.response["ResponseMetadata"]["HTTPStatusCode"] for e in (ours, theirs)]
    assert status == [refusal.status] * 2


@pytest.mark.parametrize(
    "rubbish",
    [
        Answer(200, b"<html>"),
        Answer(200, b""),
        Answer(200, b'{"Item":{"a":{"S":"x"}}}', {"x-amz-crc32": str(zlib.crc32(b"other"))}),
        Answer(200, b'{"Item":{"a"', length=60),
    ],
)
def test_what_is_no_whole_answer_is_refused(rubbish: Answer) -> None:
    with ScriptedServer(answer(Item=FOUND), rubbish) as server:
        through = calls(server)
        through._send("get_item", READ)
        with pytest.raises(ResponseParserError):
            through._send("get_item", READ)


def test_a_silent_server_is_given_up_and_the_next_read_gets_a_connection_of_its_own() -> None:
    with ScriptedServer(answer(Item=FOUND), Silence(3), answer(Item=FOUND)) as server:
        through = calls(server, read_timeout=1)
        through._send("get_item", READ)
        with pytest.raises(ReadTimeoutError):
            through._send("get_item", READ)
        assert through._send("get_item", READ)["Item"] == FOUND


class Renewing:
    """A request signer whose credentials change, as those of a role do."""

    signing_name = "dynamodb"
    region_name = "us-east-1"

    def __init__(self, *given: Any) -> None:
        self.given = list(given)

    def get_auth_instance(self, *_: object) -> Any:
        class Instance:
            credentials = self.given.pop(0)

        return Instance


def test_each_read_is_signed_with_the_credentials_of_its_time() -> None:
    with ScriptedServer(*[answer(Item=FOUND)] * 4) as server:
        through = calls(server)
        through._send("get_item", READ)
        seen: list[Any] = []
        through.client.meta.events.register(
            "before-send.dynamodb", lambda request, **_: seen.append(request.headers)
        )
        assert through._reads is not None
        through._reads._request_signer = Renewing(
            ReadOnlyCredentials("FIRST", "s", "token-1"),
            ReadOnlyCredentials("SECOND", "s", None),
            None,
        )
        for _ in range(2):
            through._send("get_item", READ)
        with pytest.raises(NoCredentialsError):
            through._send("get_item", READ)
    assert [h["Authorization"].split("Credential=")[1].split("/")[0] for h in seen] == ["FIRST", "SECOND"]
    assert [h.get("X-Amz-Security-Token") for h in seen] == ["token-1", None]


def test_credentials_of_another_account_go_to_the_endpoint_that_botocore_finds() -> None:
    with ScriptedServer(*[answer(Item=FOUND)] * 3) as server:
        through = calls(server)
        through._send("get_item", READ)
        asked: list[str] = []
        through.client.meta.events.register(
            "before-call.dynamodb", lambda model, **_: asked.append(model.name)
        )
        reads = through._reads
        assert reads is not None
        real = reads._request_signer
        reads._request_signer = Renewing(ReadOnlyCredentials("A", "s", None, "123456789012"))
        assert reads("get_item", READ) is None
        reads._request_signer = real
        assert [through._send("get_item", READ)["Item"] for _ in range(2)] == [FOUND] * 2
    assert asked == ["GetItem"]


def test_the_function_that_asks_is_told_so_that_loops_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "api")
    with ScriptedServer(*[answer(Item=FOUND)] * 2) as server:
        through = calls(server)
        seen: list[Any] = []
        through.client.meta.events.register(
            "before-send.dynamodb", lambda request, **_: seen.append(request.headers)
        )
        for root in ("Root=1-a", "Root=1-b"):
            monkeypatch.setenv("_X_AMZN_TRACE_ID", root)
            through._send("get_item", READ)
    told = [h["X-Amzn-Trace-Id"] for h in seen]
    assert [t if isinstance(t, str) else t.decode() for t in told] == ["Root=1-a", "Root=1-b"]


def test_a_botocore_that_signs_otherwise_goes_on_sending_each_read() -> None:
    with ScriptedServer(*[answer(Item=FOUND)] * 2) as server:
        through = calls(server)
        events = through.client.meta.events
        asked: list[str] = []
        events.register("before-call.dynamodb", lambda model, **_: asked.append(model.name))
        events.register("before-sign.dynamodb", sign_one_header_more)
        assert [through._send("get_item", READ)["Item"] for _ in range(2)] == [FOUND] * 2
    assert asked == ["GetItem"] * 2


def sign_one_header_more(request: Any, **_: object) -> None:
    request.headers["X-Amz-New"] = "1"


def test_a_botocore_whose_connections_are_not_found_goes_on_sending_each_read() -> None:
    class Otherwise:
        def __init__(self, client: Any) -> None:
            self.meta = client.meta

    with ScriptedServer(*[answer(Item=FOUND)] * 2) as server:
        client = by_botocore(server)
        changed: Any = Otherwise(client)
        reads = Reads(changed, refuse_rubbish)
        for _ in range(2):
            assert reads("get_item", READ) is None
            assert client.get_item(**READ)["Item"] == FOUND


def test_nothing_else_than_reads_goes_by_the_short_way() -> None:
    with ScriptedServer(*[answer()] * 2) as server:
        through = calls(server)
        asked: list[str] = []
        through.client.meta.events.register(
            "before-call.dynamodb", lambda model, **_: asked.append(model.name)
        )
        for _ in range(2):
            through._send("put_item", {"TableName": "table", "Item": {}})
    assert asked == ["PutItem"] * 2


NUMBERS = st.integers(-(10**38) + 1, 10**38 - 1).map(str) | st.sampled_from(["1E+3", "-0", "12E+20", "5.0"])
KNOWN = st.recursive(
    st.fixed_dictionaries({"S": TEXT})
    | st.fixed_dictionaries({"N": NUMBERS})
    | st.fixed_dictionaries({"B": st.binary(max_size=20)})
    | st.fixed_dictionaries({"BOOL": st.booleans()})
    | st.just({"NULL": True}),
    lambda inner: (
        st.fixed_dictionaries({"L": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"M": st.dictionaries(NAMES, inner, max_size=3)})
    ),
    max_leaves=8,
)


@given(KNOWN)
def test_a_value_is_what_the_resource_of_boto3_makes_of_it(typed: Any) -> None:
    assert unmarshal(typed) == plain(TypeDeserializer().deserialize(typed))


def plain(value: Any) -> Any:
    """What boto3 gives, with its own classes of numbers and bytes as the language's."""
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, Binary):
        return bytes(value)  # type: ignore[call-overload]
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    return [plain(entry) for entry in value] if isinstance(value, list) else value
