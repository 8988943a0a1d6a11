"""Pools and their state."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated

import strawberry

from colonnade import Context, Info, extend
from colonnade.chains import BASE, ChainId
from colonnade.cost import upstream
from colonnade.errors import InvalidRequest
from colonnade.evm import Address
from colonnade.relay import Connection, Node, connect_sequence, page_size
from colonnade.tokens import Tokens
from plugins.trading.discovery import is_genuine, pools_of
from plugins.trading.lens import PoolQuery
from plugins.trading.networks import NETWORKS, Network, network_of
from plugins.trading.node_ids import by_chain
from plugins.trading.pool_reader import read_pools
from plugins.trading.pools.addresses import sort_tokens
from plugins.trading.types.pools import PoolType, pool_type


@extend("Query")
class PoolQueries:
    @strawberry.field(description="A pool by its id; null where there is none.", extensions=[upstream()])
    async def pool(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Its node id.")],  # noqa: A002
    ) -> PoolType | None:
        found = (await load_pools(info.context, [id]))[0]
        return found if isinstance(found, PoolType) else None

    @strawberry.field(
        description="The pools that two tokens have with each other, by protocol and fee.",
        extensions=[upstream()],
    )
    async def pools(
        self,
        info: Info,
        token_a: Annotated[Address, strawberry.argument(description="One token, or the chain's own coin.")],
        token_b: Annotated[Address, strawberry.argument(description="The other, in any order.")],
        *,
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 20,
        after: Annotated[
            str | None, strawberry.argument(description="The cursor of the last one seen.")
        ] = None,
        chain_id: Annotated[ChainId, strawberry.argument(description="The chain to look on.")] = BASE,
    ) -> Connection[PoolType] | None:
        page_size(first)
        network = network_of(chain_id)
        pair = sort_tokens(network.tradable(token_a), network.tradable(token_b))
        if pair[0] == pair[1]:
            raise InvalidRequest(
                "tokenB: must differ from tokenA; the chain's own coin counts as its wrapped token"
            )
        found = await _read(info.context, network, pools_of(network, *pair), pair)
        return connect_sequence(
            info.context,
            f"trading.pools:{chain_id}:{':'.join(pair)}",
            sorted(found.values(), key=_place),
            key=_place,
            first=first,
            after=after,
        )


async def load_pools(context: Context, node_ids: Sequence[str]) -> Sequence[Node | None]:
    """Pools by their node ids: one round trip for each chain, and one more where they hold unknown tokens."""
    chains = [(NETWORKS[chain], ids) for chain, ids in by_chain(node_ids).items() if chain in NETWORKS]
    read = await asyncio.gather(
        *(
            _read(context, network, PoolQuery(addresses := tuple(dict.fromkeys(ids.values())), addresses), ())
            for network, ids in chains
        )
    )
    found = {
        node_id: pools[address]
        for (_, ids), pools in zip(chains, read, strict=True)
        for node_id, address in ids.items()
        if address in pools
    }
    return [found.get(node_id) for node_id in node_ids]


async def _read(
    context: Context, network: Network, query: PoolQuery, tokens: Sequence[Address]
) -> Mapping[Address, PoolType]:
    """The genuine pools of `query` by address. `tokens`: some that they are sure to hold, read at the same time."""
    chain, directory = context.chain(network.chain_id), context.services.get(Tokens)
    read, block, metadata = await asyncio.gather(
        read_pools(chain, query, words=0), chain.block(), directory.metadata(chain, tokens)
    )
    pools = [pool for pool in read if is_genuine(network, pool)]
    held = [token for pool in pools for token in (pool.token0, pool.token1) if token not in metadata]
    metadata = {**metadata, **await directory.metadata(chain, held)} if held else metadata
    return {
        pool.address: pool_type(pool, metadata, block)
        for pool in pools
        if pool.token0 in metadata and pool.token1 in metadata
    }


def _place(pool: PoolType) -> str:
    return f"{pool.protocol}:{pool.fee_bps:010.4f}:{pool.address}"
