"""Which pools may exist: addresses computed, nothing read. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from colonnade.evm import Address
from plugins.trading.lens import PoolQuery
from plugins.trading.networks import Network
from plugins.trading.pools.addresses import pair_address, pool_address, sort_tokens
from plugins.trading.pools.pool import Pool, Protocol
from plugins.trading.router import paths


def pools_of(network: Network, token0: Address, token1: Address) -> PoolQuery:
    """Every pool that two sorted tokens may have."""
    return _pools(network, [(token0, token1)])


def candidates(network: Network, token0: Address, token1: Address) -> PoolQuery:
    """Every pool that a route between two tokens may use."""
    return _pools(
        network,
        dict.fromkeys(sort_tokens(*hop) for path in paths(token0, token1, network.hubs) for hop in path),
    )


def pools_between(network: Network, pairs: Iterable[tuple[Address, Address]]) -> PoolQuery:
    """Every pool that the two tokens of each of `pairs` may have; tokens in any order, none with itself."""
    return _pools(network, dict.fromkeys(sort_tokens(*pair) for pair in pairs if pair[0] != pair[1]))


def is_genuine(network: Network, pool: Pool) -> bool:
    """Whether `pool` stands where a factory of the network puts the pool it claims to be.

    Anybody can deploy a contract that answers like a pool.
    """
    match pool.protocol:
        case Protocol.UNISWAP_V2:
            expected = pair_address(network.pairs, pool.token0, pool.token1)
        case Protocol.UNISWAP_V3:
            expected = pool_address(network.pools, pool.token0, pool.token1, pool.fee_pips)
    return pool.address == expected


def _pools(network: Network, pairs: Iterable[tuple[Address, Address]]) -> PoolQuery:
    wanted = list(pairs)
    return PoolQuery(
        pairs=tuple(pair_address(network.pairs, *pair) for pair in wanted),
        pools=tuple(
            pool_address(network.pools, *pair, fee) for pair in wanted for fee in network.pools.fee_tiers
        ),
    )
