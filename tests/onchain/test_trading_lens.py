"""The pool lens against the contracts it reads, against strangers, and short of gas."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from colonnade.chains import BASE
from colonnade.evm import Address
from infra.rpc import ChainSettings, JsonRpcChains
from plugins.trading.discovery import is_genuine, pools_of
from plugins.trading.lens import PoolQuery
from plugins.trading.pool_reader import read_pools
from plugins.trading.pools.addresses import sort_tokens
from plugins.trading.pools.concentrated.pool import ConcentratedPool
from plugins.trading.pools.concentrated.tick_math import MAX_TICK, MIN_TICK
from plugins.trading.pools.constant_product import ConstantProductPool
from plugins.trading.pools.pool import Pool, Protocol
from plugins.trading.pools.refusals import OutsideWindow
from tests.fixtures.local_chain import OnChain
from tests.onchain.random_pools import NETWORK

pytestmark = pytest.mark.onchain

NOBODY = Address("0x00000000000000000000000000000000DeaDBeef")
BURNER = Address("0x000000000000000000000000000000000000b0b0")


@pytest.fixture
def chains(local_chain: OnChain) -> Iterator[JsonRpcChains]:
    local_chain.mine()
    connected = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    yield connected
    connected.close()


def weth_usdc(local_chain: OnChain) -> PoolQuery:
    return pools_of(NETWORK, *sort_tokens(local_chain["WETH"], local_chain["USDC"]))


def concentrated(pool: Pool) -> ConcentratedPool:
    assert isinstance(pool.state, ConcentratedPool)
    return pool.state


async def test_every_pool_of_a_pair_is_read_as_its_contract_says(
    local_chain: OnChain, chains: JsonRpcChains
) -> None:
    pools = await read_pools(chains.reader(BASE), weth_usdc(local_chain))
    assert [(pool.protocol, pool.fee_pips) for pool in pools] == [
        (Protocol.UNISWAP_V2, 3000),
        (Protocol.UNISWAP_V3, 100),
        (Protocol.UNISWAP_V3, 500),
        (Protocol.UNISWAP_V3, 3000),
    ]
    pair, *others = pools
    reserves = local_chain.call(
        pair.address, "function getReserves() view returns (uint112, uint112, uint32)"
    )
    assert pair.state == ConstantProductPool(*reserves[:2])
    for pool in others:
        state = concentrated(pool)
        slot0 = local_chain.call(pool.address, "function slot0() view returns (uint160, int24)")
        assert (state.sqrt_price_x96, state.tick) == slot0
        assert (state.liquidity,) == local_chain.call(
            pool.address, "function liquidity() view returns (uint128)"
        )
        for tick, net in zip(state.ticks, state.liquidity_net, strict=True):
            (gross, told) = local_chain.call(
                pool.address, "function ticks(int24) view returns (uint128, int128)", tick
            )
            assert gross > 0
            assert net == told
        assert state.ticks == tuple(sorted(set(state.ticks)))
    assert all(is_genuine(NETWORK, pool) for pool in pools)


async def test_all_words_of_a_spacing_of_ten_and_more_are_read(
    local_chain: OnChain, chains: JsonRpcChains
) -> None:
    fine, *coarse = [
        concentrated(pool) for pool in (await read_pools(chains.reader(BASE), weth_usdc(local_chain)))[1:]
    ]
    for state in coarse:
        assert state.first_word * 256 * state.tick_spacing <= MIN_TICK
        assert (state.last_word * 256 + 255) * state.tick_spacing >= MAX_TICK
        assert sum(state.liquidity_net) == 0
    centre = fine.tick // 256
    assert (fine.first_word, fine.last_word) == (centre - 347, centre + 347)


async def test_what_is_no_pool_is_left_out_and_spoils_no_other(
    local_chain: OnChain, chains: JsonRpcChains, chain_snapshot: None
) -> None:
    wanted = weth_usdc(local_chain)
    # A contract that loops until its gas is gone, whatever it is asked: JUMPDEST PUSH1 0 JUMP.
    local_chain.rpc("anvil_setCode", BURNER, "0x5b600056")
    strangers = (NOBODY, BURNER, local_chain["USDC"], local_chain["WETH"], local_chain.accounts[0])
    query = PoolQuery((*strangers, *wanted.pairs, *wanted.pools), (*strangers, *wanted.pools, *wanted.pairs))
    expected = await read_pools(chains.reader(BASE), wanted)
    assert await read_pools(chains.reader(BASE), query) == expected


async def test_a_pool_that_is_not_initialised_has_no_price_and_is_left_out(
    local_chain: OnChain, chains: JsonRpcChains, chain_snapshot: None
) -> None:
    tokens = sort_tokens(local_chain["DAI"], local_chain["cbETH"])
    factory = NETWORK.pools.address
    create = "function createPool(address, address, uint24) returns (address)"
    local_chain.send(local_chain.accounts[0], factory, create, *tokens, 500)
    assert await read_pools(chains.reader(BASE), pools_of(NETWORK, *tokens)) == ()


async def test_short_of_gas_the_lens_reads_less_and_says_so(
    local_chain: OnChain, chains: JsonRpcChains
) -> None:
    full = [concentrated(p) for p in (await read_pools(chains.reader(BASE), weth_usdc(local_chain)))[1:]]
    starving = JsonRpcChains([ChainSettings(BASE, (local_chain.url,), gas=2_500_000)])
    try:
        read = await read_pools(starving.reader(BASE), weth_usdc(local_chain))
    finally:
        starving.close()
    for state, whole in zip([concentrated(pool) for pool in read[1:]], full, strict=True):
        word = state.tick // state.tick_spacing // 256
        assert whole.first_word <= state.first_word <= word <= state.last_word <= whole.last_word
        inside = [
            (tick, net)
            for tick, net in zip(whole.ticks, whole.liquidity_net, strict=True)
            if state.first_word <= tick // state.tick_spacing // 256 <= state.last_word
        ]
        assert list(zip(state.ticks, state.liquidity_net, strict=True)) == inside
    narrow = concentrated(read[2])
    assert narrow.last_word - narrow.first_word < full[1].last_word - full[1].first_word
    small = 10**15
    assert narrow.swap_exact_input(small, zero_for_one=True) == full[1].swap_exact_input(
        small, zero_for_one=True
    )
    with pytest.raises(OutsideWindow):
        narrow.swap_exact_input(10**30, zero_for_one=True)


async def test_a_contract_that_only_claims_to_be_a_pool_is_not_genuine(
    local_chain: OnChain, chains: JsonRpcChains, chain_snapshot: None
) -> None:
    genuine = (await read_pools(chains.reader(BASE), weth_usdc(local_chain)))[0]
    local_chain.rpc("anvil_setCode", NOBODY, local_chain.rpc("eth_getCode", genuine.address, "latest"))
    for slot in range(6, 9):
        value = local_chain.rpc("eth_getStorageAt", genuine.address, hex(slot), "latest")
        local_chain.rpc("anvil_setStorageAt", NOBODY, "0x" + slot.to_bytes(32, "big").hex(), value)
    (impostor,) = await read_pools(chains.reader(BASE), PoolQuery((NOBODY,), ()))
    assert impostor.state == genuine.state
    assert not is_genuine(NETWORK, impostor)
