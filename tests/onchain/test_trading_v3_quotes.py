"""Our v3 arithmetic against Uniswap's own QuoterV2 and SwapRouter02, to the atomic unit."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import pytest

from colonnade.chains import BASE
from colonnade.evm import Address, Function
from infra.rpc import ChainSettings, JsonRpcChains
from plugins.trading.lens import PoolQuery
from plugins.trading.pool_reader import read_pools
from plugins.trading.pools.concentrated.pool import ConcentratedPool, Swapped
from plugins.trading.pools.concentrated.tick_math import MAX_TICK, sqrt_ratio_at_tick
from plugins.trading.pools.pool import Pool
from plugins.trading.pools.refusals import SwapRefused
from tests.fixtures.local_chain import OnChain
from tests.onchain.random_pools import SPACINGS, Question, ask, create_pool, deploy_token

pytestmark = pytest.mark.onchain

CASES: Final = 1_000
ALL_WORDS: Final = 6_933

_PARAMS: Final = (
    "(address tokenIn, address tokenOut, uint256 amount, uint24 fee, uint160 sqrtPriceLimitX96) params"
)
_RESULT: Final = (
    "(uint256 amount, uint160 sqrtPriceX96After, uint32 initializedTicksCrossed, uint256 gasEstimate)"
)
_EXACT_INPUT: Final = Function.parse(f"function quoteExactInputSingle({_PARAMS}) returns {_RESULT}")
_EXACT_OUTPUT: Final = Function.parse(f"function quoteExactOutputSingle({_PARAMS}) returns {_RESULT}")
_SWAP: Final = (
    "function exactInputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 amountIn, "
    "uint256 amountOutMinimum, uint160 sqrtPriceLimitX96) params) payable returns (uint256 amountOut)"
)


@dataclass(frozen=True, slots=True)
class Case:
    pool: Pool
    zero_for_one: bool
    exact_output: bool
    amount: int
    limit: int

    @property
    def state(self) -> ConcentratedPool:
        assert isinstance(self.pool.state, ConcentratedPool)
        return self.pool.state

    def question(self, quoter: Address) -> Question:
        tokens = (self.pool.token0, self.pool.token1)
        token_in, token_out = tokens if self.zero_for_one else tokens[::-1]
        function = _EXACT_OUTPUT if self.exact_output else _EXACT_INPUT
        return Question(
            quoter, function, ((token_in, token_out, self.amount, self.pool.fee_pips, self.limit),)
        )

    def swapped(self) -> Swapped | None:
        """What we say; None where a quoter has nothing to say."""
        try:
            swapped = self.state.swap(
                self.amount,
                zero_for_one=self.zero_for_one,
                exact_output=self.exact_output,
                sqrt_price_limit=self.limit or None,
            )
        except SwapRefused:
            return None
        if swapped.amount_in == 0 or (self.exact_output and swapped.unfilled and not self.limit):
            return None
        return swapped


@pytest.fixture(scope="module")
def pools(local_chain: OnChain) -> Iterator[list[Pool]]:
    """Two pools of each tick spacing, at random prices and with random positions, read through the lens."""
    snapshot = local_chain.rpc("evm_snapshot")
    chance = random.Random(3)
    spenders = (local_chain["NonfungiblePositionManager"], local_chain["SwapRouter02"])
    tokens = [deploy_token(local_chain, spenders) for _ in range(3)]
    pairs = [(tokens[0], tokens[1]), (tokens[1], tokens[2]), (tokens[0], tokens[2])]
    addresses = [create_pool(local_chain, *pair, fee, chance) for pair in pairs for fee in SPACINGS]
    yield read(local_chain, addresses)
    local_chain.rpc("evm_revert", snapshot)


def read(local_chain: OnChain, addresses: list[Address]) -> list[Pool]:
    """The pools at some addresses with every tick they have."""

    async def read_all() -> list[Pool]:
        chains = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
        try:
            found = [
                await read_pools(chains.reader(BASE), PoolQuery((), (address,)), words=ALL_WORDS)
                for address in addresses
            ]
        finally:
            chains.close()
        return [pool for pools in found for pool in pools]

    return asyncio.run(read_all())


def cases(pools: list[Pool], count: int, seed: int) -> list[Case]:
    chance = random.Random(seed)
    return [_case(pools[number % len(pools)], chance) for number in range(count)]


def _case(pool: Pool, chance: random.Random) -> Case:
    assert isinstance(pool.state, ConcentratedPool)
    zero_for_one = chance.random() < 0.5
    amount = chance.choice(
        (int(2 ** chance.uniform(0, 100)), int(2 ** chance.uniform(0, 200)), chance.randrange(50))
    )
    limit = 0
    if chance.random() < 0.25:
        distance = int(2 ** chance.uniform(0, 17))
        tick = pool.state.tick + (-distance if zero_for_one else distance)
        limit = sqrt_ratio_at_tick(max(-MAX_TICK, min(MAX_TICK, tick))) + chance.randrange(2)
    return Case(pool, zero_for_one, chance.random() < 0.5, amount, limit)


def counted_by_quoter(state: ConcentratedPool, after: int) -> int:
    """Ticks between two prices as `PoolTicksCounter` counts them, which is not quite the ticks that are crossed.

    It divides ticks by the spacing towards zero, and counts the words of both ends from their own tick upwards.
    """
    before, spacing = state.tick, state.tick_spacing
    initialised = {tick // spacing for tick in state.ticks}
    first, last = (int(tick / spacing) for tick in (before, after))
    low, high = min(first, last), max(first, last)
    count = sum(low <= tick <= high for tick in initialised)
    if before > after and after % spacing == 0 and after // spacing in initialised:
        count -= 1
    if before < after and before % spacing == 0 and before // spacing in initialised:
        count -= 1
    return count


def test_a_thousand_random_swaps_equal_the_quoter(local_chain: OnChain, pools: list[Pool]) -> None:
    assert len(pools) == 3 * len(SPACINGS)
    wanted = cases(pools, CASES, seed=1)
    answers = ask(local_chain, [case.question(local_chain["QuoterV2"]) for case in wanted])
    quoted = 0
    for case, answer in zip(wanted, answers, strict=True):
        swapped = case.swapped()
        if answer is None:
            assert swapped is None, case
            continue
        assert swapped is not None, case
        ours = swapped.amount_in if case.exact_output else swapped.amount_out
        assert (ours, swapped.sqrt_price_x96, counted_by_quoter(case.state, swapped.tick)) == answer[:3], case
        quoted += 1
    assert quoted > CASES * 0.8


def test_executed_swaps_leave_the_pools_as_computed(
    local_chain: OnChain, pools: list[Pool], chain_snapshot: None
) -> None:
    states = {pool.address: pool for pool in pools}
    crossed = 0
    for drawn in cases(pools, 120, seed=2):
        case = replace(drawn, pool=states[drawn.pool.address], exact_output=False)
        case = replace(case, limit=case.limit or _nearby(case))
        swapped = case.swapped()
        if swapped is None:
            continue
        _execute(local_chain, case)
        state = replace(
            case.state, sqrt_price_x96=swapped.sqrt_price_x96, tick=swapped.tick, liquidity=swapped.liquidity
        )
        states[case.pool.address] = replace(case.pool, state=state)
        crossed += swapped.ticks_crossed
    after = read(local_chain, list(states))
    assert {pool.address: pool for pool in after} == states
    assert crossed > 50


def _nearby(case: Case) -> int:
    """A price limit that a swap reaches with the gas of a transaction, however little liquidity there is."""
    tick = case.state.tick + (-20_000 if case.zero_for_one else 20_000)
    return sqrt_ratio_at_tick(max(-MAX_TICK + 1, min(MAX_TICK - 1, tick)))


def _execute(local_chain: OnChain, case: Case) -> None:
    tokens = (case.pool.token0, case.pool.token1)
    token_in, token_out = tokens if case.zero_for_one else tokens[::-1]
    owner = local_chain.accounts[0]
    params = (token_in, token_out, case.pool.fee_pips, owner, case.amount, 0, case.limit)
    local_chain.send(owner, local_chain["SwapRouter02"], _SWAP, params)
