"""What every `ChainReader` simulates, whether its chain is scripted or a real node behind JSON-RPC."""

from __future__ import annotations

import pytest

from colonnade.chains import BASE, SimulatedCall
from colonnade.errors import BlockVanished, CallReverted
from colonnade.evm import Error
from colonnade.testing.scripted_answers import NATIVE_COIN, TRANSFER
from tests.contract.chains.recording_worlds import (
    BURNING,
    ECHOING,
    NOBODY,
    REFUSING,
    SENDER,
    RecordingWorld,
)


async def test_calls_return_and_a_revert_spoils_no_other(records: RecordingWorld) -> None:
    reason = Error.parse("error Error(string)").encode("no")
    reader = records.chains.reader(BASE)
    first, refused, last = await reader.simulate(
        [
            SimulatedCall(SENDER, ECHOING, b"first"),
            SimulatedCall(SENDER, REFUSING, reason),
            SimulatedCall(SENDER, ECHOING, b"last"),
        ]
    )
    assert (first.returned, first.error) == (b"first", None)
    assert (last.returned, last.error) == (b"last", None)
    assert refused.error is not None
    assert (refused.error.data, refused.error.reason) == (reason, "no")
    assert (refused.logs, refused.returned) == ((), b"")
    assert min(first.gas_used, refused.gas_used, last.gas_used) >= 21_000


async def test_a_call_that_burns_its_gas_has_an_error_without_data(records: RecordingWorld) -> None:
    (burned,) = await records.chains.reader(BASE).simulate([SimulatedCall(SENDER, BURNING)])
    assert isinstance(burned.error, CallReverted)
    assert burned.error.data == b""


async def test_movements_of_the_coin_are_logs_and_later_calls_see_them(records: RecordingWorld) -> None:
    records.enrich(NOBODY, 0)
    records.mine()
    there, back = await records.chains.reader(BASE).simulate(
        [SimulatedCall(SENDER, NOBODY, value=5), SimulatedCall(NOBODY, SENDER, value=5)]
    )
    assert there.error is back.error is None
    moved = [(log.address, TRANSFER.decode(log.topics, log.data)) for r in (there, back) for log in r.logs]
    assert moved == [
        (NATIVE_COIN, {"from": SENDER, "to": NOBODY, "value": 5}),
        (NATIVE_COIN, {"from": NOBODY, "to": SENDER, "value": 5}),
    ]


async def test_a_sender_may_spend_all_it_has_and_no_more(records: RecordingWorld) -> None:
    records.enrich(NOBODY, 9)
    records.mine()
    reader = records.chains.reader(BASE)
    (all_of_it,) = await reader.simulate([SimulatedCall(NOBODY, SENDER, value=9)])
    assert all_of_it.error is None
    with pytest.raises(CallReverted, match="insufficient funds"):
        await reader.simulate([SimulatedCall(NOBODY, SENDER, value=5)] * 2)


async def test_a_contract_may_send(records: RecordingWorld) -> None:
    (result,) = await records.chains.reader(BASE).simulate([SimulatedCall(REFUSING, ECHOING, b"x")])
    assert (result.error, result.returned) == (None, b"x")


async def test_it_runs_at_the_pinned_block_and_changes_nothing(records: RecordingWorld) -> None:
    reader = records.chains.reader(BASE)
    await reader.block()
    records.pay(NOBODY, 10)
    await records.chains.reader(BASE).simulate([SimulatedCall(NOBODY, SENDER, value=10)])
    with pytest.raises(CallReverted, match="insufficient funds"):
        await reader.simulate([SimulatedCall(NOBODY, SENDER, value=10)])
    assert await records.chains.reader(BASE).balance(NOBODY) == 10


async def test_it_takes_one_round_trip_after_the_pin(records: RecordingWorld) -> None:
    reader = records.chains.reader(BASE)
    assert list(await reader.simulate([])) == []
    assert records.round_trips() == 0
    await reader.block()
    await reader.simulate([SimulatedCall(SENDER, NOBODY, value=1)] * 5)
    assert records.round_trips() == 2


async def test_a_block_that_was_taken_back_is_not_simulated_on(records: RecordingWorld) -> None:
    records.mine()
    reader = records.chains.reader(BASE)
    await reader.block()
    records.reorganise(1)
    with pytest.raises(BlockVanished):
        await reader.simulate([SimulatedCall(SENDER, NOBODY)])
