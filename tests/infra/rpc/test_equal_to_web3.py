"""Whatever is asked of a real node, the answers are those that web3 gets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from web3 import HTTPProvider, Web3
from web3.exceptions import ContractLogicError

from colonnade.chains import BASE, Call
from colonnade.errors import CallReverted
from infra.rpc import ChainSettings, JsonRpcChains
from tests.fixtures.local_chain import OnChain
from tests.infra.rpc.erc20 import ALLOWANCE, BALANCE_OF, DECIMALS, SYMBOL, TOKENS, TOTAL_SUPPLY, at

pytestmark = pytest.mark.onchain


@pytest.fixture(scope="module")
def web3(local_chain: OnChain) -> Iterator[Web3]:
    logging.getLogger("web3").setLevel(logging.WARNING)
    with requests.Session() as session:
        yield Web3(HTTPProvider(local_chain.url, session=session))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_answers_equal_web3s(local_chain: OnChain, web3: Web3, data: st.DataObject) -> None:
    accounts = [*local_chain.accounts, at(0), at(1)]
    account = st.sampled_from(accounts)
    targets = st.sampled_from([*(local_chain[token] for token in TOKENS), at(77), accounts[0]])
    calldata = st.one_of(
        account.map(BALANCE_OF.encode),
        st.tuples(account, account).map(lambda pair: ALLOWANCE.encode(*pair)),
        st.sampled_from([DECIMALS.encode(), SYMBOL.encode(), TOTAL_SUPPLY.encode()]),
        st.binary(max_size=40),
    )
    calls = data.draw(st.lists(st.builds(Call, targets, calldata), max_size=30))
    owners = data.draw(st.lists(account, max_size=3))

    async def operation() -> Any:
        chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,), reads_per_call=7)])
        reader = chains.reader(BASE)
        try:
            return await asyncio.gather(reader.calls(calls), reader.block(), *map(reader.balance, owners))
        finally:
            chains.close()

    answers, block, *balances = asyncio.run(operation())
    assert block.hash == web3.eth.get_block(block.number)["hash"]
    assert balances == [
        web3.eth.get_balance(Web3.to_checksum_address(owner), block.number) for owner in owners
    ]
    for call, answer in zip(calls, answers, strict=True):
        assert outcome_of(answer) == ask_web3(web3, call, block.number)


def outcome_of(answer: bytes | CallReverted) -> tuple[str, bytes]:
    return ("reverted", answer.data) if isinstance(answer, CallReverted) else ("returned", answer)


def ask_web3(web3: Web3, call: Call, block: int) -> tuple[str, bytes]:
    try:
        returned = web3.eth.call({"to": Web3.to_checksum_address(call.to), "data": call.data}, block)
    except ContractLogicError as refused:
        data = refused.data if isinstance(refused.data, str) else "0x"
        return "reverted", bytes.fromhex(data[2:])
    return "returned", bytes(returned)
