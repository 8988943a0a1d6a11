"""Histories of endpoints that fail, lag behind, or answer for less than was asked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from colonnade.chains import BASE, Finality, LogFilter
from colonnade.errors import (
    BlockVanished,
    ChainProtocolError,
    ChainUnavailable,
    LogRangeTooWide,
)
from infra.rpc import RequestStats
from tests.infra.rpc.behaviours import BEHAVIOURS, LIMIT, deadline_for
from tests.infra.rpc.conftest import Connect
from tests.infra.rpc.http_server import ScriptedServer
from tests.infra.rpc.recording_node import HASH, NUMBER, RecordingNode
from tests.infra.rpc.tiny_node import NodeError, TinyNode

Serve = Callable[[TinyNode], ScriptedServer]


@pytest.fixture
def recording() -> RecordingNode:
    node = RecordingNode()
    node.answers["eth_getTransactionReceipt"] = node.receipt()
    node.answers["eth_getLogs"] = [node.log()]
    return node


@pytest.mark.parametrize("misbehaviour", BEHAVIOURS)
async def test_the_next_endpoint_tells_the_receipt_when_one_misbehaves(
    misbehaviour: str, bad: ScriptedServer, recording: RecordingNode, serve: Serve, connect: Connect
) -> None:
    bad.otherwise = BEHAVIOURS[misbehaviour]
    history = connect(bad.url, serve(recording).url, deadline_seconds=2.0, response_bytes=LIMIT).history(BASE)
    (receipt,) = await history.receipts([HASH])
    # A node that has no such receipt is believed, as it would be of a transaction that waits.
    assert (receipt is None) == (misbehaviour == "null results")


@pytest.mark.parametrize("misbehaviour", [name for name in BEHAVIOURS if name != "null results"])
async def test_an_endpoint_that_misbehaves_alone_is_a_typed_error(
    misbehaviour: str, bad: ScriptedServer, connect: Connect
) -> None:
    bad.otherwise = BEHAVIOURS[misbehaviour]
    history = connect(bad.url, deadline_seconds=deadline_for(misbehaviour), response_bytes=LIMIT).history(
        BASE
    )
    with pytest.raises(ChainUnavailable, match=bad.name):
        await history.receipts([HASH])


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (-32005, "query returned more than 10000 results"),
        (-32602, "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range"),
        (-32600, "You can make eth_getLogs requests with up to a 500 block range. block range is too wide"),
        (-32614, "eth_getLogs is limited to a 10,000 range"),
        (-32602, "query exceeds max block range 100000"),
        (-32602, "query exceeds max results 20000, retry with the range 1-2"),
        (-32000, "exceed maximum block range: 50000"),
        (-32000, "requested too many blocks from 1 to 9000, maximum is set to 2048"),
        (-32000, "block range too large"),
        (-32701, "Please specify an address in your request or, exceeds the range allowed for your plan"),
        (-32008, "Response is too big"),
        (-32005, "query timeout exceeded"),
    ],
)
async def test_what_nodes_say_of_too_wide_a_range(
    code: int, message: str, recording: RecordingNode, serve: Serve, connect: Connect
) -> None:
    recording.answers["eth_getLogs"] = NodeError(code, message)
    history = connect(serve(recording).url, failures_before_rest=1).history(BASE)
    for _ in range(2):  # An endpoint that says so is well.
        with pytest.raises(LogRangeTooWide, match=r"127\.0\.0\.1"):
            await history.logs(LogFilter(), 1, NUMBER)


@pytest.mark.parametrize(
    "message",
    [
        "missing trie node",
        "internal error",
        "header not indexed",
        "daily request count exceeded, request rate limited",
        "Your app has exceeded its compute units per second capacity",
    ],
)
async def test_other_refusals_of_logs_say_nothing_of_the_range(
    message: str, recording: RecordingNode, serve: Serve, connect: Connect
) -> None:
    recording.answers["eth_getLogs"] = NodeError(-32005 if "exceeded" in message else -32000, message)
    with pytest.raises(ChainUnavailable) as failed:
        await connect(serve(recording).url).history(BASE).logs(LogFilter(), 1, NUMBER)
    assert type(failed.value) is ChainUnavailable


async def test_more_logs_than_an_answer_may_hold_are_too_wide_a_range(
    recording: RecordingNode, serve: Serve, connect: Connect
) -> None:
    recording.answers["eth_getLogs"] = [recording.log(logIndex=hex(n)) for n in range(100)]
    history = connect(serve(recording).url, response_bytes=5_000).history(BASE)
    with pytest.raises(LogRangeTooWide, match="fewer blocks than 99"):
        await history.logs(LogFilter(), 1, NUMBER)


async def test_http_413_is_too_wide_a_range(bad: ScriptedServer, connect: Connect) -> None:
    bad.otherwise = lambda exchange: exchange.reply({}, 413)
    with pytest.raises(LogRangeTooWide):
        await connect(bad.url).history(BASE).logs(LogFilter(), 1, NUMBER)


async def test_fewer_blocks_help_although_another_endpoint_is_down(
    recording: RecordingNode, serve: Serve, connect: Connect
) -> None:
    recording.answers["eth_getLogs"] = NodeError(-32005, "query returned more than 10000 results")
    history = connect(serve(recording).url, "http://127.0.0.1:1").history(BASE)
    with pytest.raises(LogRangeTooWide):
        await history.logs(LogFilter(), 1, NUMBER)


async def test_logs_of_a_node_that_is_behind_are_not_taken_for_all(
    recording: RecordingNode, serve: Serve, connect: Connect
) -> None:
    behind = RecordingNode(head=NUMBER - 1)
    behind.answers["eth_getLogs"] = []
    history = connect(serve(behind).url, serve(recording).url).history(BASE)
    assert len(await history.logs(LogFilter(), 1, NUMBER)) == 1


async def test_logs_of_another_fork_than_the_last_header_are_not_mixed(
    recording: RecordingNode, serve: Serve, connect: Connect
) -> None:
    recording.fork, recording.forked_at = 1, NUMBER
    with pytest.raises(BlockVanished):
        await connect(serve(recording).url).history(BASE).logs(LogFilter(), 1, NUMBER)


async def test_heads_that_contradict_one_another_are_not_believed(
    recording: RecordingNode, serve: Serve, connect: Connect
) -> None:
    class Confused(RecordingNode):
        def eth_getBlockByNumber(self, block: str, full: bool) -> dict[str, object] | None:
            return super().eth_getBlockByNumber("latest" if block == "finalized" else block, full)

    history = connect(serve(Confused()).url).history(BASE)
    with pytest.raises(ChainProtocolError, match="contradict"):
        await history.heads()


async def test_a_chain_without_a_safe_block_has_confirmed_ones(serve: Serve, connect: Connect) -> None:
    class Young(RecordingNode):
        def eth_getBlockByNumber(self, block: str, full: bool) -> dict[str, object] | None:
            if block in ("safe", "finalized"):
                raise NodeError(-39001, f"{block} block not found")
            return super().eth_getBlockByNumber(block, full)

    history = connect(serve(Young()).url).history(BASE)
    (block,) = await history.blocks([NUMBER])
    assert block is not None
    assert block.finality is Finality.CONFIRMED
    with pytest.raises(ChainUnavailable, match="no finalized block"):
        await history.heads()


async def test_a_node_that_refuses_hashes_as_objects_is_asked_by_the_hash(
    recording: RecordingNode, serve: Serve, connect: Connect
) -> None:
    class Plain(RecordingNode):
        def eth_getBlockReceipts(self, block: object) -> object:
            if not isinstance(block, str):
                raise NodeError(-32602, "invalid argument 0: json: cannot unmarshal object")
            return [self.receipt()] if block == self.block_hash() else None

    node = Plain()
    history = connect(serve(node).url).history(BASE)
    assert len(await history.block_receipts(node.hash(NUMBER)) or ()) == 1
    assert await history.block_receipts(HASH) is None


async def test_a_hundred_questions_are_one_request_and_more_are_several(
    recording: RecordingNode, serve: Serve, connect: Connect, stats: list[RequestStats]
) -> None:
    history = connect(serve(recording).url).history(BASE)
    await history.blocks(range(1, 99))
    assert [len(request.methods) for request in stats] == [101]  # with the chain id
    await history.blocks(range(150))
    assert [len(request.methods) for request in stats[1:]] == [100, 52]
