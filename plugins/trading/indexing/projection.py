"""The swaps of a transaction, as rows: what the log indexer asks of trading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from colonnade.chain_logs import ChainLogs, IndexedTransaction
from colonnade.context import Context
from colonnade.evm import Address
from colonnade.store import Item
from plugins.trading.indexing.pool_identities import PoolIdentities, PoolIdentity
from plugins.trading.indexing.swap_rows import SWAP, announced, retracted, swap_row
from plugins.trading.indexing.traders import Scope, paid_in_coin, paid_out_in_coin, scopes_of, trader_of
from plugins.trading.indexing.trades import Trade, leg_of, trades_of
from plugins.trading.networks import NATIVE, NETWORKS, Network
from plugins.trading.pools.pool import Protocol
from plugins.trading.swap_logs import SWAP_TOPICS, pool_swap

_Pools = Mapping[tuple[Protocol, Address], PoolIdentity]


def swap_logs(identities: PoolIdentities) -> Sequence[ChainLogs]:
    """The projection of each network that can be traded on."""
    return [
        ChainLogs(
            name=f"trading.swaps.{network.chain_id}",
            chain_id=network.chain_id,
            topics=tuple(SWAP_TOPICS.values()),
            project=partial(project, identities, network),
            announce=announced,
            retract=retracted,
            entities=(SWAP,),
        )
        for network in NETWORKS.values()
    ]


async def project(
    identities: PoolIdentities, network: Network, context: Context, transaction: IndexedTransaction
) -> Sequence[Item]:
    """A row for each trade through genuine pools, whoever they were told of by. Raises `ChainUnavailable`.

    The same transaction gives the same rows again: they follow from its receipt, and from what never changes.
    """
    claims = [(swap.protocol, swap.pool) for log in transaction.logs if (swap := pool_swap(log)) is not None]
    if not claims or not transaction.receipt.succeeded:
        return ()
    chain = context.chain(network.chain_id)
    pools = await identities.genuine(chain, network, claims, since=transaction.block.number)
    addresses = frozenset(address for _, address in pools)
    return [
        _row(transaction, network, scope, trade, addresses)
        for scope in scopes_of(transaction.receipt, network)
        for trade in _trades(scope, pools)
    ]


def _trades(scope: Scope, pools: _Pools) -> Sequence[Trade]:
    swaps = (pool_swap(log) for log in scope.logs)
    return trades_of(
        leg_of(swap, pools[swap.protocol, swap.pool])
        for swap in swaps
        if swap is not None and (swap.protocol, swap.pool) in pools
    )


def _row(
    transaction: IndexedTransaction,
    network: Network,
    scope: Scope,
    trade: Trade,
    pools: frozenset[Address],
) -> Item:
    trader = trader_of(scope, trade, pools, network)
    return swap_row(
        transaction.block,
        transaction.receipt.transaction_hash,
        trader,
        trade,
        NATIVE if paid_in_coin(scope, trade, trader, network) else trade.first.token_in,
        NATIVE if paid_out_in_coin(scope, trade, trader, network) else trade.last.token_out,
    )
