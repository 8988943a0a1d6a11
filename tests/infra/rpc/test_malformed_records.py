"""Records that do not fit together are typed errors, and the next endpoint is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from colonnade.chains import BASE, ChainHistory, LogFilter
from colonnade.errors import ChainProtocolError
from colonnade.evm import parse_address
from tests.infra.rpc.conftest import Connect
from tests.infra.rpc.http_server import ScriptedServer
from tests.infra.rpc.recording_node import CONTRACT, HASH, NUMBER, TOPIC, RecordingNode
from tests.infra.rpc.tiny_node import TinyNode

OTHER = "0x" + "22" * 32
LONG = "0x" + "11" * 33

Change = dict[str, Any]


@pytest.fixture
def liar() -> RecordingNode:
    return RecordingNode()


@pytest.fixture
def honest() -> RecordingNode:
    return RecordingNode()


@pytest.fixture
def history(
    liar: RecordingNode, serve: Callable[[TinyNode], ScriptedServer], connect: Connect
) -> ChainHistory:
    return connect(serve(liar).url).history(BASE)


RECEIPTS: dict[str, Change] = {
    "of another transaction": {"transactionHash": OTHER},
    "a short hash": {"transactionHash": "0x11"},
    "a long block hash": {"blockHash": LONG},
    "no height": {"blockNumber": None},
    "an absurd height": {"blockNumber": hex(2**64)},
    "no index": {"transactionIndex": None},
    "a short sender": {"from": "0x11"},
    "a recipient that is no address": {"to": "somebody"},
    "no status": {"status": None},
    "a third status": {"status": "0x2"},
    "gas that is a number": {"gasUsed": 21000},
    "no gas price": {"effectiveGasPrice": None},
    "no logs": {"logs": None},
    "a log that is text": {"logs": ["log"]},
}

LOGS: dict[str, Change] = {
    "of another transaction": {"transactionHash": OTHER},
    "of another block": {"blockHash": OTHER},
    "of another height": {"blockNumber": hex(NUMBER + 1)},
    "taken back": {"removed": True},
    "a short topic": {"topics": ["0x0a"]},
    "five topics": {"topics": [TOPIC] * 5},
    "topics that are no list": {"topics": TOPIC},
    "odd data": {"data": "0x123"},
    "no index": {"logIndex": None},
    "a short address": {"address": "0xcc"},
}


@pytest.mark.parametrize("change", RECEIPTS.values(), ids=RECEIPTS.keys())
async def test_a_malformed_receipt_is_not_believed(
    change: Change, liar: RecordingNode, history: ChainHistory
) -> None:
    liar.answers["eth_getTransactionReceipt"] = liar.receipt(**change)
    with pytest.raises(ChainProtocolError):
        await history.receipts([HASH])


@pytest.mark.parametrize("change", LOGS.values(), ids=LOGS.keys())
async def test_a_receipt_with_a_log_that_does_not_belong_is_not_believed(
    change: Change, liar: RecordingNode, history: ChainHistory
) -> None:
    liar.answers["eth_getTransactionReceipt"] = liar.receipt(logs=[liar.log(**change)])
    with pytest.raises(ChainProtocolError):
        await history.receipts([HASH])


async def test_the_same_receipt_unchanged_is_believed(liar: RecordingNode, history: ChainHistory) -> None:
    liar.answers["eth_getTransactionReceipt"] = liar.receipt()
    (receipt,) = await history.receipts([HASH])
    assert receipt is not None
    assert receipt.logs[0].transaction_hash == HASH


async def test_logs_out_of_order_are_not_believed(liar: RecordingNode, history: ChainHistory) -> None:
    liar.answers["eth_getTransactionReceipt"] = liar.receipt(logs=[liar.log(), liar.log()])
    with pytest.raises(ChainProtocolError, match="out of order"):
        await history.receipts([HASH])


async def test_a_receipt_before_its_block_is_sealed_is_none(
    liar: RecordingNode, history: ChainHistory
) -> None:
    liar.answers["eth_getTransactionReceipt"] = liar.receipt(blockHash="0x" + "00" * 32)
    liar.answers["eth_getTransactionByHash"] = liar.transaction(blockHash="0x" + "00" * 32)
    assert list(await history.receipts([HASH])) == [None]
    (waiting,) = await history.transactions([HASH])
    assert waiting is not None
    assert (waiting.block_hash, waiting.block_number) == (None, None)


@pytest.mark.parametrize(
    "change",
    [{"hash": OTHER}, {"chainId": "0x1"}, {"input": None}, {"nonce": hex(2**64)}, {"blockNumber": None}],
    ids=["another hash", "another chain", "no calldata", "an absurd nonce", "a block without height"],
)
async def test_a_malformed_transaction_is_not_believed(
    change: Change, liar: RecordingNode, history: ChainHistory
) -> None:
    liar.answers["eth_getTransactionByHash"] = liar.transaction(**change)
    with pytest.raises(ChainProtocolError):
        await history.transactions([HASH])


async def test_a_transaction_that_names_no_chain_is_of_this_one(
    liar: RecordingNode, history: ChainHistory
) -> None:
    liar.answers["eth_getTransactionByHash"] = liar.transaction(chainId=None, to=None)
    (transaction,) = await history.transactions([HASH])
    assert transaction is not None
    assert (transaction.chain_id, transaction.to) == (BASE, None)


@pytest.mark.parametrize("change", [c for c in LOGS.values() if "transactionHash" not in c])
async def test_a_malformed_log_is_not_believed(
    change: Change, liar: RecordingNode, history: ChainHistory
) -> None:
    liar.answers["eth_getLogs"] = [liar.log(logIndex="0x5"), liar.log(**change)]
    with pytest.raises(ChainProtocolError):
        await history.logs(LogFilter(), NUMBER, NUMBER)


async def test_logs_that_nobody_asked_for_are_not_believed(
    liar: RecordingNode, history: ChainHistory
) -> None:
    liar.answers["eth_getLogs"] = [liar.log()]
    of_others = LogFilter(addresses=(parse_address("0x" + "dd" * 20),))
    of_another_topic = LogFilter((parse_address(CONTRACT),), (b"\x0b" * 32,))
    for wanted in (of_others, of_another_topic):
        with pytest.raises(ChainProtocolError, match="not asked for"):
            await history.logs(wanted, NUMBER, NUMBER)


async def test_the_same_log_twice_is_not_believed(liar: RecordingNode, history: ChainHistory) -> None:
    liar.answers["eth_getLogs"] = [liar.log(), liar.log()]
    with pytest.raises(ChainProtocolError, match="same place"):
        await history.logs(LogFilter(), NUMBER, NUMBER)


@pytest.mark.parametrize(
    "change",
    [{"transactionIndex": "0x1"}, {"blockHash": OTHER, "logs": []}],
    ids=["a gap", "another block"],
)
async def test_receipts_that_do_not_make_up_the_block_are_not_believed(
    change: Change, liar: RecordingNode, history: ChainHistory
) -> None:
    liar.answers["eth_getBlockReceipts"] = [liar.receipt(**change)]
    with pytest.raises(ChainProtocolError, match="does not belong"):
        await history.block_receipts(liar.hash(NUMBER))


async def test_an_honest_endpoint_is_asked_after_one_that_lies(
    liar: RecordingNode,
    honest: RecordingNode,
    serve: Callable[[TinyNode], ScriptedServer],
    connect: Connect,
) -> None:
    liar.answers["eth_getTransactionReceipt"] = liar.receipt(transactionHash=OTHER)
    honest.answers["eth_getTransactionReceipt"] = honest.receipt()
    history = connect(serve(liar).url, serve(honest).url).history(BASE)
    (receipt,) = await history.receipts([HASH])
    assert receipt is not None
    assert (len(liar.seen), len(honest.seen)) == (2, 2)  # the chain id goes along
