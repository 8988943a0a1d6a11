"""Our parser of DynamoDB's answers gives what botocore's gives, whatever version of botocore is installed."""

from __future__ import annotations

import base64
import json
import zlib
from functools import cache
from typing import Any

import pytest
from botocore.awsrequest import HeadersDict
from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from botocore.parsers import JSONParser, ResponseParserError
from botocore.session import get_session
from hypothesis import given
from hypothesis import strategies as st

from infra.dynamodb import DynamoDBSettings
from infra.dynamodb.client import connect
from infra.dynamodb.parsing import SHAPES, ItemParser
from tests.infra.dynamodb.scripted_server import Answer, ScriptedServer, answer, error

OPERATIONS = ("BatchGetItem", "GetItem", "PutItem", "Query", "Scan", "TransactWriteItems", "UpdateItem")
"""Every operation that the store asks for."""

TEXT = st.text(max_size=20)
NUMBERS = st.integers(-(10**38) + 1, 10**38 - 1).map(str) | st.sampled_from(
    ["1E-130", "9.9E+125", "0.1", "-0"]
)
BINARY = st.binary(max_size=20).map(lambda raw: base64.b64encode(raw).decode())
NAMES = st.sampled_from(["B", "BS", "S", "N", "null", "_pk", "größe"]) | st.text(min_size=1, max_size=8)
TYPED = st.recursive(
    st.fixed_dictionaries({"S": TEXT})
    | st.fixed_dictionaries({"N": NUMBERS})
    | st.fixed_dictionaries({"B": BINARY})
    | st.fixed_dictionaries({"BOOL": st.booleans()})
    | st.just({"NULL": True})
    | st.fixed_dictionaries({"SS": st.lists(TEXT, min_size=1, max_size=3)})
    | st.fixed_dictionaries({"NS": st.lists(NUMBERS, min_size=1, max_size=3)})
    | st.fixed_dictionaries({"BS": st.lists(BINARY, min_size=1, max_size=3)}),
    lambda inner: (
        st.fixed_dictionaries({"L": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"M": st.dictionaries(NAMES, inner, max_size=3)})
    ),
    max_leaves=8,
)
ITEMS = st.dictionaries(NAMES, TYPED, max_size=5)
KEYS = {"Keys": st.lists(ITEMS, max_size=2), "ConsistentRead": st.booleans()}
SUCCESSES = st.one_of(
    st.tuples(st.just("GetItem"), st.fixed_dictionaries({}, optional={"Item": ITEMS})),
    st.tuples(st.just("PutItem"), st.fixed_dictionaries({}, optional={"Attributes": ITEMS})),
    st.tuples(st.just("UpdateItem"), st.fixed_dictionaries({}, optional={"Attributes": ITEMS})),
    st.tuples(
        st.sampled_from(["Query", "Scan"]),
        st.fixed_dictionaries(
            {
                "Items": st.lists(ITEMS, max_size=4),
                "Count": st.integers(0, 2**31),
                "ScannedCount": st.just(4),
            },
            optional={"LastEvaluatedKey": ITEMS},
        ),
    ),
    st.tuples(
        st.just("BatchGetItem"),
        st.fixed_dictionaries(
            {
                "Responses": st.dictionaries(NAMES, st.lists(ITEMS, max_size=3), max_size=2),
                "UnprocessedKeys": st.dictionaries(NAMES, st.fixed_dictionaries(KEYS), max_size=1),
            }
        ),
    ),
    st.tuples(st.just("TransactWriteItems"), st.just({})),
)


@cache
def model() -> ServiceModel:
    return ServiceModel(get_session().get_service_data("dynamodb"))


def both(operation: str, body: bytes, status: int = 200) -> tuple[Any, Any]:
    """What our parser and botocore's say of an answer; an exception stands for itself."""
    shape: Any = model().operation_model(operation).output_shape
    headers = HeadersDict({"Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": "R1"})
    given_answer = {"status_code": status, "headers": headers, "body": body, "context": {}}

    def said(parser: JSONParser) -> Any:
        try:
            return parser.parse(given_answer, shape)
        except Exception as problem:
            return repr(problem)

    return said(ItemParser()), said(JSONParser())


def test_every_operation_that_the_store_uses_is_parsed_here() -> None:
    shapes: list[Any] = [model().operation_model(name).output_shape for name in OPERATIONS]
    assert {shape.name for shape in shapes} == SHAPES


def test_no_output_that_is_parsed_here_holds_a_time() -> None:
    def kinds(shape: Any, seen: frozenset[str] = frozenset()) -> set[str]:
        if shape.name in seen:
            return set()
        inner = [*getattr(shape, "members", {}).values()]
        inner += [getattr(shape, member) for member in ("member", "key", "value") if hasattr(shape, member)]
        return {shape.type_name}.union(*(kinds(one, seen | {shape.name}) for one in inner))

    found = [kinds(model().operation_model(name).output_shape) for name in OPERATIONS]
    assert not any("timestamp" in one for one in found)


@given(SUCCESSES, st.booleans())
def test_a_success_reads_as_botocore_reads_it(success: tuple[str, dict[str, Any]], ascii_only: bool) -> None:
    operation, body = success
    ours, theirs = both(operation, json.dumps(body, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass"))
    assert ours == theirs


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"",
        b"null",
        b"[]",
        b"<html>",
        b'{"Item":null}',
        b'{"Item":{"a":{"S":null}}}',
        b'{"Items":"abc"}',
        b'{"Unknown":1}',
        b'{"Item":{"a":{"S":"\\ud800"}}}',
        b'{"Item":{"a":{"\\u0042":"AAE="}}}',
        b'{"Item":{"a":{"B":"not base64 at all!"}}}',
        b'{ "Item" : { "a" : { "B" : "AAE=" } } }',
        b'{"Count":NaN}',
        b'{"Item":{"a":{"S":"x"}},"Item":{"a":{"S":"y"}}}',
    ],
)
def test_odd_answers_read_as_botocore_reads_them(operation: str, body: bytes) -> None:
    ours, theirs = both(operation, body)
    assert ours == theirs


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("status", [301, 400, 500, 503])
@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"<html>Service Unavailable</html>",
        b'{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}',
        b'{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"m",'
        b'"CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"x",'
        b'"Item":{"a":{"B":"AAE="}}}]}',
    ],
)
def test_errors_are_botocores_own(operation: str, status: int, said: bytes) -> None:
    ours, theirs = both(operation, said, status)
    assert ours == theirs


def test_a_client_says_why_each_write_of_a_transaction_was_refused() -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": {"a": {"B": "AAE="}}}]
    refusal = error("TransactionCanceledException", CancellationReasons=reasons)
    with ScriptedServer(refusal) as server:
        client = connect(DynamoDBSettings.local(server.url, "table"))
        with pytest.raises(ClientError) as raised:
            client.transact_write_items(TransactItems=[])
    told: Any = raised.value.response
    assert told["CancellationReasons"][1]["Item"] == {"a": {"B": b"\x00\x01"}}


def test_an_answer_whose_checksum_is_wrong_is_refused() -> None:
    body = b'{"Item":{"a":{"S":"x"}}}'
    with ScriptedServer(Answer(200, body, {"x-amz-crc32": str(zlib.crc32(b"other"))}), answer()) as server:
        client = connect(DynamoDBSettings.local(server.url, "table"))
        with pytest.raises(ResponseParserError, match="checksum"):
            client.get_item(TableName="table", Key={})


def test_a_client_reads_with_our_parser() -> None:
    with ScriptedServer(answer(Item={"a": {"B": "AAE="}, "n": {"N": "9" * 38}})) as server:
        client: Any = connect(DynamoDBSettings.local(server.url, "table"))
        found = client.get_item(TableName="table", Key={})
    assert found["Item"] == {"a": {"B": b"\x00\x01"}, "n": {"N": "9" * 38}}
    assert isinstance(client._endpoint._response_parser_factory.create_parser("json"), ItemParser)
