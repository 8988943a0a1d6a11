from __future__ import annotations

import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.rpc.jsonrpc import (
    MalformedAnswer,
    RpcError,
    RpcRequest,
    RpcResult,
    decode_batch,
    encode_batch,
)


def result(number: Any, value: Any = "0x1") -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "result": value}


def decode(document: Any, size: int = 2) -> Any:
    return decode_batch(json.dumps(document).encode(), first_id=7, size=size)


def test_a_batch_numbers_its_requests() -> None:
    body = encode_batch([RpcRequest("eth_chainId"), RpcRequest("eth_call", ({"to": "0x"}, "latest"))], 7)
    assert json.loads(body) == [
        {"jsonrpc": "2.0", "id": 7, "method": "eth_chainId", "params": []},
        {"jsonrpc": "2.0", "id": 8, "method": "eth_call", "params": [{"to": "0x"}, "latest"]},
    ]


def test_answers_are_put_in_the_order_of_the_requests() -> None:
    assert decode([result(8, "b"), result(7, "a")]) == [RpcResult("a"), RpcResult("b")]


def test_null_is_an_answer() -> None:
    assert decode([result(7, None)], size=1) == [RpcResult(None)]


def test_an_error_is_the_answer_to_its_request_alone() -> None:
    error = {"jsonrpc": "2.0", "id": 7, "error": {"code": 3, "message": "execution reverted", "data": "0x01"}}
    assert decode([result(8), error]) == [RpcError(3, "execution reverted", "0x01"), RpcResult("0x1")]


def test_an_error_that_is_null_is_none() -> None:
    assert decode([result(7) | {"error": None}], size=1) == [RpcResult("0x1")]


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ([result(7)], "1 of 2 requests are not answered"),
        ([result(7), result(7)], "answered twice"),
        ([result(7), result(8), result(9)], "belongs to no request"),
        ([result(7), result(6)], "belongs to no request"),
        ([result(7), result("8")], "belongs to no request"),
        ([result(7), result(8.0)], "belongs to no request"),
        ([result(7), result(True)], "belongs to no request"),
        ([result(7), result(None)], "belongs to no request"),
        ([result(7), result(10**400)], "belongs to no request"),
        ([result(7), "0x1"], "not a JSON-RPC 2.0 response"),
        ([result(7), {"id": 8, "result": 1}], "not a JSON-RPC 2.0 response"),
        ([result(7), {"jsonrpc": "2.0", "id": 8}], "neither result nor error"),
        ([result(7), {"jsonrpc": "2.0", "id": 8, "error": "no"}], "not an object"),
        ([result(7), {"jsonrpc": "2.0", "id": 8, "error": {"message": "no"}}], "no code"),
        ([result(7), {"jsonrpc": "2.0", "id": 8, "error": {"code": 1}}], "no message"),
        (result(7), "not a list"),
        ("0x1", "not a list"),
        (None, "not a list"),
    ],
)
def test_what_is_no_answer_to_the_batch_is_refused(document: Any, problem: str) -> None:
    with pytest.raises(MalformedAnswer, match=problem):
        decode(document)


def test_a_refusal_of_batches_is_told_in_the_words_of_the_node() -> None:
    refusal = {
        "jsonrpc": "2.0",
        "id": None,
        "error": {"code": -32600, "message": "batching is for paying users"},
    }
    with pytest.raises(MalformedAnswer, match=r"refused: batching is for paying users \(code -32600\)"):
        decode(refusal)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        b"\xff\xfe\x00",
        b'[{"jsonrpc":"2.0","id":7,"result":NaN}]',
        b'[{"jsonrpc":"2.0","id":7,"result":-Infinity}]',
        b'[{"jsonrpc":"2.0","id":7,"result":' + b"9" * 5_000 + b"}]",
        b'[{"jsonrpc":"2.0","id":7,"result":1}',
    ],
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedAnswer, match="not JSON"):
        decode_batch(body, first_id=7, size=1)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
def test_brackets_without_end_are_refused_however_high_the_recursion_limit(
    opening: bytes,
) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1_000_000)  # As some library may; the parser would go on to the end of the stack.
    try:
        with pytest.raises(MalformedAnswer, match="nests more than 32 levels"):
            decode_batch(opening * 500_000, first_id=7, size=1)
    finally:
        sys.setrecursionlimit(limit)


def test_brackets_in_what_a_contract_says_are_not_nesting() -> None:
    error = {
        "jsonrpc": "2.0",
        "id": 7,
        "error": {"code": 3, "message": 'execution reverted: "\\' + "[{" * 5_000},
    }
    assert isinstance(decode([error], size=1)[0], RpcError)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["jsonrpc", "id", "result", "error", "code", "message"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(document=_JSON | st.lists(_JSON, max_size=3), size=st.integers(1, 3))
def test_any_json_is_either_a_whole_answer_or_refused(document: Any, size: int) -> None:
    try:
        answers = decode_batch(json.dumps(document).encode(), first_id=0, size=size)
    except MalformedAnswer:
        return
    assert len(answers) == size
    assert all(isinstance(answer, RpcResult | RpcError) for answer in answers)


@given(st.permutations(range(20)))
def test_any_order_of_answers_comes_out_sorted(order: list[int]) -> None:
    document = [result(7 + position, position) for position in order]
    assert decode(document, size=20) == [RpcResult(position) for position in range(20)]
