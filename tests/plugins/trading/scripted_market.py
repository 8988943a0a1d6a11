"""A chain whose pool lens says what a test wrote down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from colonnade.chains import BASE, Call
from colonnade.evm import Address, checksum, encode
from colonnade.testing.scripted_chain import ScriptedChain
from plugins.trading.lens import LENS_ADDRESS, READ
from plugins.trading.networks import NETWORKS, Network
from plugins.trading.pools.addresses import pair_address, pool_address, sort_tokens
from plugins.trading.pools.concentrated.pool import ConcentratedPool
from plugins.trading.pools.constant_product import FEE_PIPS, ConstantProductPool
from plugins.trading.pools.pool import Pool, Protocol

NETWORK: Final[Network] = NETWORKS[BASE]
WETH: Final = NETWORK.wrapped_native
USDC, CBBTC = NETWORK.hubs[1:3]
TOKEN: Final = checksum(bytes.fromhex("70ce" * 10))
"""A token that is not well known."""

_NO_POOL: Final = (False, *["0x" + "00" * 20] * 2, *[0] * 7, ())


def pair(one: Address, other: Address, reserve_one: int, reserve_other: int) -> Pool:
    """A genuine v2 pair."""
    token0, token1 = sort_tokens(one, other)
    reserves = (reserve_one, reserve_other) if token0 == one else (reserve_other, reserve_one)
    address = pair_address(NETWORK.pairs, token0, token1)
    return Pool(Protocol.UNISWAP_V2, address, token0, token1, FEE_PIPS, ConstantProductPool(*reserves))


def pool(
    one: Address,
    other: Address,
    liquidity: int,
    *,
    half_width: int = 887_270,
    words: tuple[int, int] = (-347, 347),
) -> Pool:
    """A genuine v3 pool at price 1, whose liquidity spreads over as many ticks on both sides; `words` were read."""
    token0, token1 = sort_tokens(one, other)
    state = ConcentratedPool(
        2**96, 0, liquidity, 500, 10, (-half_width, half_width), (liquidity, -liquidity), *words
    )
    address = pool_address(NETWORK.pools, token0, token1, 500)
    return Pool(Protocol.UNISWAP_V3, address, token0, token1, 500, state)


def script_pools(chain: ScriptedChain, pools: Iterable[Pool]) -> None:
    """Have the lens find `pools`, and nothing at any other address."""
    by_address = {each.address: each for each in pools}

    def read(call: Call) -> bytes:
        pairs, others, _ = READ.decode_arguments(call.data)
        types = [str(output.type) for output in READ.outputs]
        answers = [[_pair(by_address.get(at)) for at in pairs], [_pool(by_address.get(at)) for at in others]]
        return encode(types, answers)

    chain.answer(LENS_ADDRESS, READ.selector, read)


def _pair(found: Pool | None) -> tuple[object, ...]:
    if found is None or not isinstance(found.state, ConstantProductPool):
        return (*_NO_POOL[:3], 0, 0)
    return (True, found.token0, found.token1, found.state.reserve0, found.state.reserve1)


def _pool(found: Pool | None) -> tuple[object, ...]:
    if found is None or not isinstance(found.state, ConcentratedPool):
        return _NO_POOL
    state = found.state
    ticks = tuple(
        tick << 128 | net & (1 << 128) - 1 for tick, net in zip(state.ticks, state.liquidity_net, strict=True)
    )
    return (
        True,
        found.token0,
        found.token1,
        state.fee_pips,
        state.tick_spacing,
        state.sqrt_price_x96,
        state.tick,
        state.liquidity,
        state.first_word,
        state.last_word,
        ticks,
    )


def script_token(
    chain: ScriptedChain, token: Address, *, symbol: str = "TKN", name: str = "Token", decimals: int = 18
) -> None:
    """Put an ordinary ERC-20 at an address."""
    chain.returns(token, "function symbol() view returns (string)", symbol)
    chain.returns(token, "function name() view returns (string)", name)
    chain.returns(token, "function decimals() view returns (uint8)", decimals)
    chain.returns(token, "function totalSupply() view returns (uint256)", 10**27)
