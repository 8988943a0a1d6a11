"""Our v2 arithmetic against Uniswap's own Router02 and pairs, to the atomic unit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import pytest

from colonnade.errors import CallReverted
from colonnade.evm import Address, Function
from plugins.trading.pools.addresses import sort_tokens
from plugins.trading.pools.constant_product import ConstantProductPool, amount_in, amount_out
from plugins.trading.pools.refusals import SwapRefused
from tests.fixtures.local_chain import OnChain
from tests.onchain.random_pools import FOREVER, Question, ask, create_pair, deploy_token

pytestmark = pytest.mark.onchain

CASES: Final = 1_000

_AMOUNTS_OUT: Final = Function.parse(
    "function getAmountsOut(uint256 amountIn, address[] path) view returns (uint256[] amounts)"
)
_AMOUNTS_IN: Final = Function.parse(
    "function getAmountsIn(uint256 amountOut, address[] path) view returns (uint256[] amounts)"
)
_SELL: Final = (
    "function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, "
    "uint256 deadline) returns (uint256[] amounts)"
)
_BUY: Final = (
    "function swapTokensForExactTokens(uint256 amountOut, uint256 amountInMax, address[] path, address to, "
    "uint256 deadline) returns (uint256[] amounts)"
)


@dataclass(frozen=True, slots=True)
class Pair:
    tokens: tuple[Address, Address]
    reserves: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Case:
    pair: Pair
    zero_for_one: bool
    exact_output: bool
    amount: int

    @property
    def path(self) -> tuple[Address, ...]:
        return self.pair.tokens if self.zero_for_one else self.pair.tokens[::-1]

    @property
    def reserves(self) -> tuple[int, int]:
        return self.pair.reserves if self.zero_for_one else self.pair.reserves[::-1]


@pytest.fixture(scope="module")
def pairs(local_chain: OnChain) -> Iterator[list[Pair]]:
    """Ten pairs with reserves from a single unit to nearly all that 112 bits hold."""
    snapshot = local_chain.rpc("evm_snapshot")
    chance = random.Random(5)
    tokens = [deploy_token(local_chain, (local_chain["UniswapV2Router02"],)) for _ in range(5)]
    made = []
    for one, other in combinations(tokens, 2):
        reserves = (int(2 ** chance.uniform(0, 111.9)), int(2 ** chance.uniform(0, 111.9)))
        create_pair(local_chain, one, other, reserves)
        made.append(Pair(sort_tokens(one, other), reserves))
    yield made
    local_chain.rpc("evm_revert", snapshot)


def cases(pairs: list[Pair], count: int, seed: int) -> list[Case]:
    chance = random.Random(seed)
    drawn = []
    for number in range(count):
        pair = pairs[number % len(pairs)]
        zero_for_one, exact_output = chance.random() < 0.5, chance.random() < 0.5
        reserve_in, reserve_out = pair.reserves if zero_for_one else pair.reserves[::-1]
        near = reserve_out if exact_output else reserve_in
        amount = chance.choice(
            (
                int(near * chance.uniform(0, 1.2)),
                int(2 ** chance.uniform(0, 112)),
                int(2 ** chance.uniform(0, 256)),
                0,
            )
        )
        drawn.append(Case(pair, zero_for_one, exact_output, min(amount, 2**256 - 1)))
    return drawn


def test_a_thousand_random_amounts_equal_the_router(local_chain: OnChain, pairs: list[Pair]) -> None:
    wanted = cases(pairs, CASES, seed=1)
    answers = ask(
        local_chain,
        [
            Question(
                local_chain["UniswapV2Router02"],
                _AMOUNTS_IN if case.exact_output else _AMOUNTS_OUT,
                (case.amount, case.path),
            )
            for case in wanted
        ],
        together=200,
    )
    assert sum(answer is not None for answer in answers) > CASES // 2
    for case, answer in zip(wanted, answers, strict=True):
        formula = amount_in if case.exact_output else amount_out
        try:
            ours = formula(case.amount, *case.reserves)
        except SwapRefused:
            assert answer is None, case
            continue
        assert answer is not None, case
        (amounts,) = answer
        assert isinstance(amounts, tuple)
        assert ours == amounts[0 if case.exact_output else 1], case


def test_what_a_pair_would_not_execute_is_refused_and_what_it_would_is_exact(
    local_chain: OnChain, pairs: list[Pair]
) -> None:
    owner, executed = local_chain.accounts[0], 0
    for case in cases(pairs, 200, seed=2):
        pool = ConstantProductPool(*case.pair.reserves)
        swap, limit = (_BUY, 2**256 - 1) if case.exact_output else (_SELL, 0)
        arguments = (case.amount, limit, case.path, owner, FOREVER)
        try:
            (amounts,) = local_chain.call(local_chain["UniswapV2Router02"], swap, *arguments, sender=owner)
        except CallReverted:
            amounts = None
        try:
            fill = (pool.swap_exact_output if case.exact_output else pool.swap_exact_input)(
                case.amount, zero_for_one=case.zero_for_one
            )
        except SwapRefused:
            assert amounts is None, case
        else:
            assert amounts == (fill.amount_in, fill.amount_out), case
            executed += 1
    assert executed > 50
