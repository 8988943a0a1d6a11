"""Sending signed transactions to nodes that know them, refuse them, or fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from colonnade.chains import BASE
from colonnade.errors import CallReverted, ChainProtocolError, ChainUnavailable
from colonnade.evm import Error, checksum
from infra.rpc import RequestStats
from infra.rpc.refusals import NotTaken
from infra.rpc.sending import Fees, JsonRpcSender, Outlook
from tests.infra.rpc.conftest import Connect
from tests.infra.rpc.http_server import ScriptedServer
from tests.infra.rpc.recording_node import RecordingNode
from tests.infra.rpc.tiny_node import NodeError, TinyNode

Serve = Callable[[TinyNode], ScriptedServer]
SENDER = checksum(b"\x01" * 20)
TO = checksum(b"\x02" * 20)


@pytest.fixture
def pool() -> RecordingNode:
    node = RecordingNode()
    node.answers |= {
        "eth_estimateGas": "0x5208",
        "eth_getTransactionCount": "0x7",
        "eth_maxPriorityFeePerGas": "0x3",
        "eth_sendRawTransaction": "0x" + "11" * 32,
    }
    return node


@pytest.fixture
def sender(pool: RecordingNode, serve: Serve, connect: Connect) -> JsonRpcSender:
    return connect(serve(pool).url, failures_before_rest=1).sender(BASE)


async def test_the_outlook_is_one_request(
    pool: RecordingNode, sender: JsonRpcSender, stats: list[RequestStats]
) -> None:
    outlook = await sender.outlook(SENDER, TO, b"\x05", 6)
    assert outlook == Outlook(21_000, 7, Fees(base=1_000_000, tip=3))
    assert len(stats) == 1
    (estimate,) = (request for request in pool.seen if request["method"] == "eth_estimateGas")
    assert estimate["params"] == [{"from": SENDER, "to": TO, "data": "0x05", "value": "0x6"}]


async def test_a_revert_in_the_outlook_has_its_reason(pool: RecordingNode, sender: JsonRpcSender) -> None:
    data = Error.parse("error Error(string)").encode("closed")
    pool.answers["eth_estimateGas"] = NodeError(3, "execution reverted: closed", "0x" + data.hex())
    with pytest.raises(CallReverted) as refused:
        await sender.outlook(SENDER, TO, b"", 0)
    assert (refused.value.data, refused.value.reason) == (data, "closed")


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("eth_estimateGas", None),
        ("eth_estimateGas", hex(2**41)),
        ("eth_getTransactionCount", "seven"),
        ("eth_maxPriorityFeePerGas", hex(2**100)),
    ],
)
async def test_a_malformed_outlook_is_not_believed(
    method: str, answer: object, pool: RecordingNode, sender: JsonRpcSender
) -> None:
    pool.answers[method] = answer
    with pytest.raises(ChainProtocolError):
        await sender.outlook(SENDER, TO, b"", 0)


@pytest.mark.parametrize(
    "message",
    [
        "already known",
        "AlreadyKnown",
        "nonce too low: next nonce 8, tx nonce 7",
        "transaction already imported",
        "replacement transaction underpriced",
        "already exists in mempool",
    ],
)
async def test_a_transaction_that_a_node_needs_no_more_is_no_error(
    message: str, pool: RecordingNode, sender: JsonRpcSender
) -> None:
    pool.answers["eth_sendRawTransaction"] = NodeError(-32000, message)
    await sender.broadcast(b"\x02\x01", b"\x02\x02")
    assert [r["params"] for r in pool.seen if r["method"] == "eth_sendRawTransaction"] == [
        ["0x0201"],
        ["0x0202"],
    ]


async def test_a_transaction_that_nobody_takes_says_nothing_of_the_endpoint(
    pool: RecordingNode, sender: JsonRpcSender
) -> None:
    pool.answers["eth_sendRawTransaction"] = NodeError(-32000, "transaction underpriced")
    for _ in range(3):
        with pytest.raises(NotTaken, match="underpriced"):
            await sender.broadcast(b"\x02")
    assert (await sender.fees()).tip == 3


async def test_another_endpoint_may_take_what_one_refuses(
    pool: RecordingNode, serve: Serve, connect: Connect
) -> None:
    strict = RecordingNode()
    strict.answers["eth_sendRawTransaction"] = NodeError(-32000, "transaction underpriced")
    await connect(serve(strict).url, serve(pool).url).sender(BASE).broadcast(b"\x02")
    assert "eth_sendRawTransaction" in pool.methods()


async def test_a_node_that_fails_is_unavailable(pool: RecordingNode, sender: JsonRpcSender) -> None:
    pool.answers["eth_maxPriorityFeePerGas"] = NodeError(-32603, "internal error")
    with pytest.raises(ChainUnavailable, match="internal error"):
        await sender.fees()
