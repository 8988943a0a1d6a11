"""Transactions of the local chain, as the log indexer gives them to projections."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from colonnade.chain_logs import IndexedTransaction
from colonnade.chains import ChainHistory, Log
from colonnade.context import Context
from colonnade.store import Item, Put, Writes
from plugins.trading.indexing.pool_identities import PoolIdentities
from plugins.trading.indexing.projection import project
from plugins.trading.swap_logs import SWAP_TOPICS
from tests.onchain.swap_desk import NETWORK

TOPICS: Final = frozenset(SWAP_TOPICS.values())


async def indexed(history: ChainHistory, transaction_hash: str) -> IndexedTransaction:
    """A mined transaction, its receipt and block as the adapter reads them."""
    (receipt,) = await history.receipts([bytes.fromhex(transaction_hash[2:])])
    assert receipt is not None
    (block,) = await history.blocks([receipt.block_number])
    assert block is not None
    return IndexedTransaction(block, receipt, [log for log in receipt.logs if _wanted(log)])


async def rows_of(
    context: Context, history: ChainHistory, transaction_hash: str, identities: PoolIdentities | None = None
) -> Sequence[Item]:
    """What trading keeps of a mined transaction."""
    transaction = await indexed(history, transaction_hash)
    return await project(identities or PoolIdentities(), NETWORK, context, transaction)


async def keep(context: Context, rows: Sequence[Item]) -> None:
    """Write rows as the indexer does."""
    await context.store.transact(Writes([Put(row) for row in rows]))


def _wanted(log: Log) -> bool:
    return bool(log.topics) and log.topics[0] in TOPICS
