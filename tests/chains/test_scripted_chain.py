"""What `ScriptedChain` has beyond the contract of `Chains`: the ways a test writes its script."""

from __future__ import annotations

import asyncio

import pytest

from colonnade.chains import BASE, Call, ChainId, Finality
from colonnade.errors import CallReverted, ChainTimeout, ChainUnavailable
from colonnade.evm import Address, Function, InvalidAddress, checksum
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains, UnscriptedCall

TOKEN = checksum(b"\x70" * 20)
ALICE = checksum(b"\xa1" * 20)
BOB = checksum(b"\xb0" * 20)
BALANCE_OF = "function balanceOf(address owner) view returns (uint256)"
SYMBOL = "function symbol() view returns (string)"


def balance_of(owner: Address) -> Call:
    return Call(TOKEN, Function.parse(BALANCE_OF).encode(owner))


@pytest.fixture
def chain() -> ScriptedChain:
    return ScriptedChain()


async def test_functions_return_values(chain: ScriptedChain) -> None:
    chain.returns(TOKEN, SYMBOL, "TKN")
    answer = await chain.reader().call(Call(TOKEN, Function.parse(SYMBOL).encode()))
    assert Function.parse(SYMBOL).decode(answer) == ("TKN",)


async def test_what_is_scripted_for_arguments_wins_over_the_function(chain: ScriptedChain) -> None:
    chain.returns(TOKEN, BALANCE_OF, 7, arguments=(ALICE,))
    chain.returns(TOKEN, BALANCE_OF, 0)
    answers = await chain.reader().calls([balance_of(ALICE), balance_of(BOB)])
    assert [int.from_bytes(answer, "big") for answer in answers if isinstance(answer, bytes)] == [7, 0]


async def test_functions_revert(chain: ScriptedChain) -> None:
    chain.reverts(TOKEN, BALANCE_OF, b"\x01\x02\x03\x04")
    with pytest.raises(CallReverted) as reverted:
        await chain.reader().call(balance_of(ALICE))
    assert reverted.value.data == b"\x01\x02\x03\x04"


async def test_an_answer_can_be_made_from_the_call(chain: ScriptedChain) -> None:
    chain.answer(TOKEN, b"", lambda call: call.data[::-1])
    assert await chain.reader().call(Call(TOKEN, b"abc", code=b"\x00")) == b"cba"


async def test_a_contract_asked_what_nobody_scripted_says_so(chain: ScriptedChain) -> None:
    chain.returns(TOKEN, SYMBOL, "TKN")
    with pytest.raises(UnscriptedCall, match=f"{TOKEN} is scripted, but not for 0x70a08231"):
        await chain.reader().call(balance_of(ALICE))


def test_an_address_with_a_wrong_checksum_is_noticed(chain: ScriptedChain) -> None:
    with pytest.raises(InvalidAddress):
        chain.set_balance(Address("0x833589fcd6eDb6E08f4c7C32D4f71b54bdA02913"), 1)


async def test_a_pinned_reader_goes_on_seeing_what_held(chain: ScriptedChain) -> None:
    chain.returns(TOKEN, BALANCE_OF, 1)
    reader = chain.reader()
    block = await reader.block()
    chain.returns(TOKEN, BALANCE_OF, 2)
    chain.mine()
    assert int.from_bytes(await reader.call(balance_of(ALICE)), "big") == 1
    assert int.from_bytes(await chain.reader().call(balance_of(ALICE)), "big") == 2
    assert await reader.block() == block


def test_blocks_follow_one_another(chain: ScriptedChain) -> None:
    first, last = chain.block, chain.mine(3)
    assert (first.number, last.number) == (1, 4)
    assert (last.timestamp - first.timestamp).total_seconds() == 6
    assert last.parent_hash != first.hash != last.hash


def test_chains_differ() -> None:
    assert ScriptedChain(ChainId(1)).block.hash != ScriptedChain(BASE).block.hash
    assert ScriptedChain(finality=Finality.SAFE).block.finality is Finality.SAFE


async def test_an_outage_is_raised_until_it_is_over(chain: ScriptedChain) -> None:
    reader = chain.reader()
    chain.outage = ChainTimeout("down")
    with pytest.raises(ChainUnavailable, match="down"):
        await reader.balance(ALICE)
    chain.outage = None
    assert await reader.balance(ALICE) == 0


async def test_round_trips_are_counted(chain: ScriptedChain) -> None:
    chains = ScriptedChains(chain)
    reader = chains.reader(BASE)
    await asyncio.gather(reader.balance(ALICE), reader.balance(BOB), reader.block())
    await reader.balance(TOKEN)
    assert chains[BASE].round_trips == 2
