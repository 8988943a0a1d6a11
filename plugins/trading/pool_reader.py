"""Pools from the chain."""

from __future__ import annotations

from colonnade.chains import ChainReader
from colonnade.errors import CallReverted, ChainUnavailable
from plugins.trading.lens import DEFAULT_WORDS, PoolQuery, lens_call, pools_in
from plugins.trading.pools.pool import Pool


async def read_pools(chain: ChainReader, query: PoolQuery, words: int = DEFAULT_WORDS) -> tuple[Pool, ...]:
    """The pools of `query` that exist and have a price, in one call. Raises `ChainUnavailable`.

    `words`: how many words of each tick bitmap are read, around the price; see `lens_call`.
    """
    try:
        answer = await chain.call(lens_call(query, words))
    except CallReverted as reverted:
        # The lens itself never reverts: the node gave it too little gas to say anything.
        raise ChainUnavailable(f"the node could not run the pool lens: {reverted}") from reverted
    return pools_in(query, answer)
