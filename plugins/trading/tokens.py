"""Tokens and balances from the chain: what this plugin provides as `colonnade.tokens.Tokens`."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from colonnade.chains import ChainId, ChainReader
from colonnade.evm import Address
from colonnade.tokens import TokenMetadata
from plugins.trading.erc20 import METADATA_CALLS, balance_call, balance_from, metadata_calls, metadata_from
from plugins.trading.networks import NATIVE, NETWORKS

KEPT_TOKENS: Final = 4096
KEPT_SECONDS: Final = 3600.0
"""How many tokens are remembered and for how long: contracts can change what they say, and seldom do."""

_Key: TypeAlias = tuple[ChainId, Address]


class TokenDirectory:
    """Metadata and balances, one round trip each; well-known and recently read tokens take none.

    `clock`: seconds, monotonic. Safe between threads and event loops.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, tuple[float, TokenMetadata]] = OrderedDict()

    async def metadata(
        self, chain: ChainReader, addresses: Sequence[Address]
    ) -> Mapping[Address, TokenMetadata]:
        """The tokens that exist among `addresses`, in their order. Raises `ChainUnavailable`."""
        wanted = list(dict.fromkeys(addresses))
        known = {address: self._known(chain.chain_id, address) for address in wanted}
        unknown = [address for address, token in known.items() if token is None and address != NATIVE]
        if unknown:
            known |= await self._read(chain, unknown)
        return {address: token for address, token in known.items() if token is not None}

    async def balances(
        self, chain: ChainReader, account: Address, tokens: Sequence[Address]
    ) -> Mapping[Address, int]:
        """Atomic units of each of `tokens` that answers, in their order. Raises `ChainUnavailable`."""
        wanted = list(dict.fromkeys(tokens))
        contracts = [token for token in wanted if token != NATIVE]
        reads = chain.calls([balance_call(token, account) for token in contracts])
        found: dict[Address, int | None] = {}
        if NATIVE in wanted:
            # What is started together travels together.
            answers, found[NATIVE] = await asyncio.gather(reads, chain.balance(account))
        else:
            answers = await reads
        found |= {token: balance_from(answer) for token, answer in zip(contracts, answers, strict=True)}
        return {token: held for token in wanted if (held := found[token]) is not None}

    def _known(self, chain_id: ChainId, address: Address) -> TokenMetadata | None:
        network = NETWORKS.get(chain_id)
        if network is not None and address in network.well_known:
            return network.well_known[address]
        with self._lock:
            read_at, token = self._kept.get((chain_id, address), (0.0, None))
        return token if token is not None and self._clock() - read_at <= KEPT_SECONDS else None

    async def _read(
        self, chain: ChainReader, addresses: Sequence[Address]
    ) -> Mapping[Address, TokenMetadata | None]:
        asked_at = self._clock()
        answers = await chain.calls([call for address in addresses for call in metadata_calls(address)])
        found = {
            address: metadata_from(chain.chain_id, address, answers[at : at + METADATA_CALLS])
            for address, at in zip(addresses, range(0, len(answers), METADATA_CALLS), strict=True)
        }
        with self._lock:
            for address, token in found.items():
                if token is not None:
                    self._kept[chain.chain_id, address] = (asked_at, token)
                    self._kept.move_to_end((chain.chain_id, address))
            while len(self._kept) > KEPT_TOKENS:
                self._kept.popitem(last=False)
        return found
