"""What every `ChainHistory` does, whether its chain is scripted or a real node behind JSON-RPC."""

from __future__ import annotations

import asyncio

import pytest

from colonnade.chains import BASE, ChainHistory, ChainId, Finality, LogFilter
from colonnade.errors import BlockVanished, UnknownChain
from tests.contract.chains.recording_worlds import (
    ECHOING,
    EMITTER,
    NOBODY,
    OTHER_EMITTER,
    REFUSING,
    SENDER,
    RecordingWorld,
    echo,
)

RED = b"\x0a" * 32
BLUE = b"\x0b" * 32


async def test_heads_are_the_newest_the_safe_and_the_final_block(
    records: RecordingWorld, history: ChainHistory
) -> None:
    confirmed, safe, finalized = await history.heads()
    assert records.round_trips() == 1
    assert (safe.number, finalized.number) == (confirmed.number - 1, confirmed.number - 2)
    assert [b.finality for b in (confirmed, safe, finalized)] == [
        Finality.CONFIRMED,
        Finality.SAFE,
        Finality.FINALIZED,
    ]
    assert [await history.head(b.finality) for b in (confirmed, safe, finalized)] == [
        confirmed,
        safe,
        finalized,
    ]


async def test_blocks_say_how_final_they_are_now(records: RecordingWorld, history: ChainHistory) -> None:
    head = await history.head()
    before = records.round_trips()
    found = await history.blocks([head.number - 2, head.number, head.number + 1, head.number - 1])
    assert records.round_trips() == before + 1
    finalized, confirmed, absent, safe = found
    assert absent is None
    assert finalized is not None
    assert safe is not None
    assert confirmed == head
    assert (finalized.finality, safe.finality) == (Finality.FINALIZED, Finality.SAFE)
    assert (confirmed.parent_hash, safe.parent_hash) == (safe.hash, finalized.hash)
    records.mine(2)
    (later,) = await history.blocks([head.number])
    assert later is not None
    assert (later.hash, later.finality) == (head.hash, Finality.FINALIZED)


async def test_a_transaction_is_known_while_it_waits_and_after(
    records: RecordingWorld, history: ChainHistory
) -> None:
    sent = records.submit(EMITTER, RED + b"data", value=7)
    (waiting,) = await history.transactions([sent])
    assert waiting is not None
    assert (waiting.hash, waiting.sender, waiting.to, waiting.value) == (sent, SENDER, EMITTER, 7)
    assert (waiting.data, waiting.chain_id, waiting.nonce) == (RED + b"data", BASE, 0)
    assert (waiting.block_number, waiting.block_hash) == (None, None)
    assert list(await history.receipts([sent])) == [None]
    records.mine()
    head = await history.head()
    (mined,) = await history.transactions([sent])
    assert mined is not None
    assert (mined.block_number, mined.block_hash) == (head.number, head.hash)


async def test_receipts_tell_success_failure_and_logs_in_one_round_trip(
    records: RecordingWorld, history: ChainHistory
) -> None:
    good, bad, last = records.submit(EMITTER, RED + b"x"), records.submit(REFUSING), records.submit(NOBODY)
    unknown = b"\x99" * 32
    records.mine()
    before = records.round_trips()
    found = await history.receipts([bad, unknown, good, last, good])
    assert records.round_trips() == before + 1
    failed, absent, succeeded, plain, again = found
    assert absent is None
    assert failed is not None
    assert succeeded is not None
    assert plain is not None
    assert again == succeeded
    assert [r.succeeded for r in (succeeded, failed, plain)] == [True, False, True]
    assert [r.transaction_index for r in (succeeded, failed, plain)] == [0, 1, 2]
    assert (failed.logs, plain.logs) == ((), ())
    (log,) = succeeded.logs
    assert (log.address, log.topics, log.data, log.index) == (EMITTER, (RED,), b"x", 0)
    assert (log.transaction_hash, log.block_hash) == (good, succeeded.block_hash)
    assert (succeeded.sender, succeeded.to) == (SENDER, EMITTER)
    assert succeeded.gas_used >= 21_000
    assert succeeded.gas_price > 0


async def test_a_blocks_receipts_come_in_order(records: RecordingWorld, history: ChainHistory) -> None:
    sent = [records.submit(EMITTER, RED + bytes([n])) for n in range(3)]
    records.mine()
    head = await history.head()
    found = await history.block_receipts(head.hash)
    assert found is not None
    assert [receipt.transaction_hash for receipt in found] == sent
    assert [log.index for receipt in found for log in receipt.logs] == [0, 1, 2]
    assert list(found) == list(await history.receipts(sent))


async def test_an_empty_block_has_no_receipts_and_an_unknown_one_is_none(history: ChainHistory) -> None:
    head = await history.head()
    assert list(await history.block_receipts(head.hash) or []) == []
    assert await history.block_receipts(head.hash) is not None
    assert await history.block_receipts(b"\x99" * 32) is None


async def test_logs_are_found_by_contract_topic_and_height(
    records: RecordingWorld, history: ChainHistory
) -> None:
    first = await history.head()
    for emitter, topic in ((EMITTER, RED), (OTHER_EMITTER, RED), (EMITTER, BLUE)):
        records.submit(emitter, topic)
        records.mine()
    low, high = first.number + 1, first.number + 3

    async def found(wanted: LogFilter, start: int = low, end: int = high) -> list[tuple[str, bytes, int]]:
        logs = await history.logs(wanted, start, end)
        return [(log.address, log.topics[0], log.block_number - low) for log in logs]

    everything = [(EMITTER, RED, 0), (OTHER_EMITTER, RED, 1), (EMITTER, BLUE, 2)]
    assert await found(LogFilter()) == everything
    assert await found(LogFilter(addresses=(EMITTER,))) == [everything[0], everything[2]]
    assert await found(LogFilter(topics=(RED,))) == everything[:2]
    assert await found(LogFilter((OTHER_EMITTER, EMITTER), (BLUE, RED))) == everything
    assert await found(LogFilter((OTHER_EMITTER,), (BLUE,))) == []
    assert await found(LogFilter(), low + 1, low + 1) == everything[1:2]


async def test_logs_of_a_block_that_is_not_there_yet_are_not_an_empty_answer(
    records: RecordingWorld, history: ChainHistory
) -> None:
    head = await history.head()
    with pytest.raises(BlockVanished):
        await history.logs(LogFilter(), head.number, head.number + 1)


async def test_no_blocks_no_hashes_and_no_range_are_no_round_trip(
    records: RecordingWorld, history: ChainHistory
) -> None:
    assert list(await history.blocks([])) == []
    assert list(await history.receipts([])) == []
    assert list(await history.transactions([])) == []
    assert list(await history.logs(LogFilter(), 3, 2)) == []
    assert records.round_trips() == 0


async def test_transactions_are_counted_at_each_finality(
    records: RecordingWorld, history: ChainHistory
) -> None:
    records.submit(NOBODY)
    records.mine()
    records.submit(NOBODY)
    counts = [await history.transaction_count(SENDER, finality) for finality in Finality]
    assert counts == [2, 1, 0, 0]
    assert await history.transaction_count(NOBODY) == 0


async def test_a_reorganisation_takes_back_what_it_does_not_keep(
    records: RecordingWorld, history: ChainHistory
) -> None:
    start = (await history.head()).number
    kept, lost = records.submit(EMITTER, RED), records.submit(EMITTER, BLUE)
    records.mine(2)
    (was,) = await history.receipts([kept])
    assert was is not None
    records.reorganise(2, keep=[kept])
    now, gone = await history.receipts([kept, lost])
    assert gone is None
    assert now is not None
    assert now.block_number == was.block_number
    assert now.block_hash != was.block_hash
    assert await history.block_receipts(was.block_hash) is None
    logs = await history.logs(LogFilter(addresses=(EMITTER,)), start + 1, start + 2)
    assert [(log.topics, log.block_hash) for log in logs] == [((RED,), now.block_hash)]
    (block, after) = await history.blocks([start + 1, start + 2])
    assert block is not None
    assert after is not None
    assert (block.hash, after.parent_hash) == (now.block_hash, block.hash)


async def test_a_reader_learns_that_its_block_was_taken_back(records: RecordingWorld) -> None:
    reader = records.chains.reader(BASE)
    records.mine()
    await reader.block()
    records.reorganise(1)
    with pytest.raises(BlockVanished):
        await reader.call(echo(b"x"))
    assert await records.chains.reader(BASE).call(echo(b"x")) == b"x"


async def test_questions_may_be_asked_at_the_same_time(history: ChainHistory) -> None:
    answers = await asyncio.gather(*(history.transaction_count(ECHOING) for _ in range(20)))
    assert set(answers) <= {
        0,
        1,
    }  # A contract of a scripted chain has not sent; one of a real node starts at 0 or 1.


async def test_the_history_of_an_unknown_chain_is_named(
    records: RecordingWorld, history: ChainHistory
) -> None:
    assert history.chain_id == BASE
    with pytest.raises(UnknownChain, match="31337"):
        records.chains.history(ChainId(31337))
