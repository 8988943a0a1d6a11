"""Pools of random prices and positions on the local chain, and many questions to their contracts at once."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from colonnade.errors import CallReverted
from colonnade.evm import Address, Function, parse_address
from infra.local.chain.artifacts import load
from plugins.trading.networks import NETWORKS
from plugins.trading.pools.addresses import pair_address, pool_address, sort_tokens
from plugins.trading.pools.concentrated.tick_math import MAX_TICK, sqrt_ratio_at_tick
from tests.fixtures.local_chain import OnChain

NETWORK: Final = NETWORKS[next(iter(NETWORKS))]
SPACINGS: Final = {100: 1, 500: 10, 3000: 60, 10000: 200}
SUPPLY: Final = 2**250
FOREVER: Final = 2**40

_GAS: Final = 2_000_000_000
_AGGREGATE: Final = Function.parse(
    "function aggregate3((address target, bool allowFailure, bytes callData)[] calls) "
    "returns ((bool success, bytes returnData)[] returnData)"
)
_MINT: Final = (
    "function mint((address token0, address token1, uint24 fee, int24 tickLower, int24 tickUpper, "
    "uint256 amount0Desired, uint256 amount1Desired, uint256 amount0Min, uint256 amount1Min, "
    "address recipient, uint256 deadline) params) payable"
)
_CREATE: Final = (
    "function createAndInitializePoolIfNecessary(address token0, address token1, uint24 fee, uint160 sqrtPriceX96) "
    "payable returns (address pool)"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A call whose answer is wanted."""

    to: Address
    function: Function
    arguments: tuple[object, ...]


def ask(chain: OnChain, questions: Sequence[Question], together: int = 40) -> list[tuple[object, ...] | None]:
    """What contracts answer, None where they revert; `together` of them in a request."""
    answers: list[tuple[object, ...] | None] = []
    for start in range(0, len(questions), together):
        batch = questions[start : start + together]
        calls = [(question.to, True, question.function.encode(*question.arguments)) for question in batch]
        request = {"to": chain["Multicall3"], "data": "0x" + _AGGREGATE.encode(calls).hex(), "gas": hex(_GAS)}
        (results,) = _AGGREGATE.decode(bytes.fromhex(chain.rpc("eth_call", request, "latest")[2:]))
        answers += [
            question.function.decode(data) if success else None
            for question, (success, data) in zip(batch, results, strict=True)
        ]
    return answers


def deploy_token(chain: OnChain, spenders: Sequence[Address]) -> Address:
    """An ERC-20 of 18 decimals, all of it held by the first account and approved for `spenders`."""
    owner = chain.accounts[0]
    code = load("@uniswap/v2-core/build/ERC20.json").linked({}) + SUPPLY.to_bytes(32, "big")
    creation = {"from": owner, "data": "0x" + code.hex(), "gas": hex(5_000_000)}
    receipt = chain.chain.node.receipt(chain.rpc("eth_sendTransaction", creation))
    token = parse_address(receipt["contractAddress"])
    for spender in spenders:
        chain.send(owner, token, "function approve(address, uint256) returns (bool)", spender, 2**256 - 1)
    return token


def create_pair(chain: OnChain, one: Address, other: Address, reserves: tuple[int, int]) -> Address:
    """A v2 pair that holds `reserves`, given in the order of its tokens."""
    tokens = sort_tokens(one, other)
    owner = chain.accounts[0]
    chain.send(
        owner, NETWORK.pairs.address, "function createPair(address, address) returns (address)", *tokens
    )
    pair = pair_address(NETWORK.pairs, *tokens)
    for token, reserve in zip(tokens, reserves, strict=True):
        chain.send(owner, token, "function transfer(address, uint256) returns (bool)", pair, reserve)
    chain.send(owner, pair, "function sync()")
    return pair


def create_pool(chain: OnChain, one: Address, other: Address, fee: int, chance: random.Random) -> Address:
    """A v3 pool at a random price, with up to twelve random positions around it."""
    token0, token1 = sort_tokens(one, other)
    spacing, owner, positions = SPACINGS[fee], chain.accounts[0], chain["NonfungiblePositionManager"]
    tick = chance.choice((chance.randint(-60_000, 60_000), chance.randint(-500_000, 500_000)))
    price = sqrt_ratio_at_tick(tick) + chance.randrange(
        sqrt_ratio_at_tick(tick + 1) - sqrt_ratio_at_tick(tick)
    )
    chain.send(owner, positions, _CREATE, token0, token1, fee, price)
    limit = MAX_TICK // spacing
    for _ in range(chance.randint(4, 12)):
        centre, width = tick // spacing + chance.randint(-40, 40), int(2 ** chance.uniform(0, 11))
        lower, upper = max(-limit, centre - width), min(limit, centre + width)
        _mint(chain, token0, token1, fee, lower * spacing, upper * spacing, chance)
    if chance.random() < 0.7:
        _mint(chain, token0, token1, fee, -limit * spacing, limit * spacing, chance)
    return pool_address(NETWORK.pools, token0, token1, fee)


def _mint(
    chain: OnChain, token0: Address, token1: Address, fee: int, lower: int, upper: int, chance: random.Random
) -> None:
    owner = chain.accounts[0]
    amounts = int(10 ** chance.uniform(6, 28)), int(10 ** chance.uniform(6, 28))
    params = (token0, token1, fee, lower, upper, *amounts, 0, 0, owner, FOREVER)
    try:
        chain.send(owner, chain["NonfungiblePositionManager"], _MINT, params)
    except CallReverted:
        # Too little for one unit of liquidity, or more than a tick may hold: then this pool does without it.
        return
