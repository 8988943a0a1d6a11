"""What a test can do to the history of a scripted chain, beyond what every chain does."""

from __future__ import annotations

import pytest

from colonnade.chains import BASE, LogFilter, SimulatedCall, SimulatedResult
from colonnade.errors import ChainUnavailable, LogRangeTooWide, SimulationUnsupported
from colonnade.evm import checksum
from colonnade.testing.scripted_chain import Emitted, ScriptedChain

ALICE = checksum(b"\xaa" * 20)
NOTES = checksum(b"\x0e" * 20)


async def test_a_transaction_of_the_same_nonce_replaces_the_one_that_waits() -> None:
    chain = ScriptedChain()
    history = chain.history()
    first = chain.submit(ALICE, NOTES, nonce=0)
    second = chain.submit(ALICE, NOTES, nonce=0)
    chain.mine()
    assert list(await history.transactions([first])) == [None]
    (receipt,) = await history.receipts([second])
    assert receipt is not None
    assert await history.transaction_count(ALICE) == 1


async def test_what_was_taken_back_waits_and_is_mined_again() -> None:
    chain = ScriptedChain()
    history = chain.history()
    sent = chain.submit(ALICE, NOTES, logs=[Emitted(NOTES, (b"\x01" * 32,))])
    old = chain.mine()
    new = chain.reorganise(1)
    assert (new.number, new.parent_hash) == (old.number, old.parent_hash)
    assert new.hash != old.hash
    (waiting,) = await history.transactions([sent])
    assert waiting is not None
    assert waiting.block_hash is None
    chain.mine()
    (log,) = await history.logs(LogFilter((NOTES,)), 0, chain.block.number)
    assert log.block_number == old.number + 1


async def test_what_is_dropped_never_was() -> None:
    chain = ScriptedChain()
    sent = chain.submit(ALICE, NOTES)
    chain.drop(sent)
    chain.mine()
    assert list(await chain.history().transactions([sent])) == [None]


async def test_two_reorganisations_never_make_the_same_block() -> None:
    chain = ScriptedChain()
    hashes = {chain.mine().hash, *(chain.reorganise(1).hash for _ in range(5))}
    assert len(hashes) == 6


def test_no_more_blocks_are_taken_back_than_there_are() -> None:
    with pytest.raises(ValueError, match="1 blocks can be taken back"):
        ScriptedChain().reorganise(2)


async def test_heads_are_as_far_behind_as_a_test_says() -> None:
    chain = ScriptedChain()
    chain.mine(20)
    chain.safe_after, chain.final_after = 5, 12
    confirmed, safe, finalized = await chain.history().heads()
    assert (confirmed.number - safe.number, confirmed.number - finalized.number) == (5, 12)
    chain.final_after = 100
    with pytest.raises(ChainUnavailable, match="no FINALIZED block yet"):
        await chain.history().heads()


async def test_histories_share_outages_and_counts_with_readers() -> None:
    chain = ScriptedChain()
    await chain.history().head()
    await chain.reader().block()
    assert chain.round_trips == 2
    chain.outage = ChainUnavailable("down")
    with pytest.raises(ChainUnavailable, match="down"):
        await chain.history().receipts([b"\x01" * 32])


async def test_logs_are_for_as_many_blocks_as_a_test_allows() -> None:
    chain = ScriptedChain()
    chain.mine(10)
    chain.widest_logs = 4
    assert list(await chain.history().logs(LogFilter(), 1, 4)) == []
    with pytest.raises(LogRangeTooWide):
        await chain.history().logs(LogFilter(), 1, 5)


async def test_simulations_are_scripted_by_what_is_called_or_not_offered() -> None:
    chain = ScriptedChain(BASE)
    chain.when_simulated(NOTES, b"\x01", SimulatedResult(None, b"one", 30_000, ()))
    chain.when_simulated(NOTES, b"", lambda call: SimulatedResult(None, call.data, 40_000, ()))
    reader = chain.reader()
    one, other = await reader.simulate(
        [SimulatedCall(ALICE, NOTES, b"\x01"), SimulatedCall(ALICE, NOTES, b"2")]
    )
    assert (one.returned, one.gas_used, other.returned) == (b"one", 30_000, b"2")
    chain.simulates = False
    with pytest.raises(SimulationUnsupported):
        await reader.simulate([SimulatedCall(ALICE, NOTES)])
