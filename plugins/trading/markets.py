"""Everything needed to price swaps between two tokens, as of one block, and how long it may be used."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from colonnade.chains import BlockRef, ChainId, ChainReader
from colonnade.evm import Address
from plugins.trading.discovery import candidates
from plugins.trading.l1_fees import l1_fee_calls, l1_fees_from
from plugins.trading.networks import Network
from plugins.trading.pool_reader import read_pools
from plugins.trading.pools.addresses import sort_tokens
from plugins.trading.pools.pool import Pool

KEPT_MARKETS: Final = 256

_Key: TypeAlias = tuple[ChainId, Address, Address]


@dataclass(frozen=True, slots=True)
class Market:
    """Two tokens' candidate pools, all read at `block`; those that do not exist are left out.

    `l1_fees`: wei for the L1 data of a route of one leg, of two …; None where the chain charges none.
    """

    block: BlockRef
    pools: tuple[Pool, ...]
    l1_fees: tuple[int, ...] | None


async def read_market(chain: ChainReader, network: Network, token0: Address, token1: Address) -> Market:
    """The market of two sorted tokens, in one round trip. Raises `ChainUnavailable`."""
    # Started together, so that they travel together.
    block, pools, fees = await asyncio.gather(
        chain.block(),
        read_pools(chain, candidates(network, token0, token1)),
        chain.calls(l1_fee_calls(network)),
    )
    return Market(block, pools, l1_fees_from(fees))


class Markets:
    """Markets that were read moments ago. Safe between threads and event loops: it holds no reader and no task."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, tuple[datetime, Market]] = OrderedDict()

    async def market(
        self,
        chain: ChainReader,
        network: Network,
        tokens: tuple[Address, Address],
        now: datetime,
        max_age: timedelta,
    ) -> Market:
        """The market of two tokens, read again unless it was asked for less than `max_age` before `now`; one that may
        have no age is not kept either."""
        key = (network.chain_id, *sort_tokens(*tokens))
        if not max_age:
            return await read_market(chain, network, *key[1:])
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and _fresh(kept[0], now, max_age):
            return kept[1]
        market = await read_market(chain, network, *key[1:])
        self._keep(key, market, now, max_age)
        return market

    def _keep(self, key: _Key, market: Market, now: datetime, max_age: timedelta) -> None:
        with self._lock:
            stale = [
                other for other, (asked_at, _) in self._kept.items() if not _fresh(asked_at, now, max_age)
            ]
            for other in stale:
                del self._kept[other]
            self._kept[key] = (now, market)
            while len(self._kept) > KEPT_MARKETS:
                self._kept.popitem(last=False)


def _fresh(asked_at: datetime, now: datetime, max_age: timedelta) -> bool:
    # A clock that was set back must not make a state last longer.
    return timedelta(0) <= now - asked_at < max_age
