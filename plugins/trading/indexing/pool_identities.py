"""Which contracts are pools, and of what: asked once, and believed only where a factory put them."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from colonnade.chains import Call, ChainId, ChainReader
from colonnade.errors import BlockVanished
from colonnade.evm import AbiError, Address, Function
from plugins.trading.answers import Answer, answered
from plugins.trading.networks import Network
from plugins.trading.pools.addresses import pair_address, pool_address
from plugins.trading.pools.pool import Protocol

KEPT: Final = 16_384
"""Contracts remembered, pools or not: what a pool says of itself never changes. An address without code is not."""

_TOKEN0: Final = Function.parse("function token0() view returns (address)")
_TOKEN1: Final = Function.parse("function token1() view returns (address)")
_FEE: Final = Function.parse("function fee() view returns (uint24)")

_Key: TypeAlias = tuple[ChainId, Protocol, Address]


@dataclass(frozen=True, slots=True)
class PoolIdentity:
    """What a pool trades: `token0` sorts before `token1`."""

    protocol: Protocol
    address: Address
    token0: Address
    token1: Address


class PoolIdentities:
    """Pools by their addresses. Safe between threads and event loops: it holds no reader."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, PoolIdentity | None] = OrderedDict()

    async def genuine(
        self, chain: ChainReader, network: Network, claims: Iterable[tuple[Protocol, Address]], since: int
    ) -> Mapping[tuple[Protocol, Address], PoolIdentity]:
        """Those of `claims` that a factory of the network put where they stand, by the block of the height `since`.

        One round trip for those that were never asked, none otherwise. Raises `ChainUnavailable`, and `BlockVanished`
        where the chain is read at an earlier block, at which a new pool would look like none.
        """
        wanted = list(dict.fromkeys(claims))
        with self._lock:
            known = {
                claim: self._kept[network.chain_id, *claim]
                for claim in wanted
                if (network.chain_id, *claim) in self._kept
            }
        unknown = [claim for claim in wanted if claim not in known]
        if unknown:
            known |= await self._ask(chain, network, unknown, since)
        return {claim: pool for claim in wanted if (pool := known[claim]) is not None}

    async def _ask(
        self, chain: ChainReader, network: Network, claims: Sequence[tuple[Protocol, Address]], since: int
    ) -> Mapping[tuple[Protocol, Address], PoolIdentity | None]:
        questions = (_TOKEN0, _TOKEN1, _FEE)
        calls = [Call(address, question.encode()) for _, address in claims for question in questions]
        # Started together, so that they travel together.
        block, answers = await asyncio.gather(chain.block(), chain.calls(calls))
        if block.number < since:
            raise BlockVanished(
                f"pools of block {since} are read at block {block.number}: run the operation again"
            )
        starts = range(0, len(answers), len(questions))
        found = {
            claim: _identity(network, *claim, answers[at : at + len(questions)])
            for claim, at in zip(claims, starts, strict=True)
        }
        has_code = {claim for claim, at in zip(claims, starts, strict=True) if answers[at] != b""}
        with self._lock:
            for claim, pool in found.items():
                if claim in has_code:
                    self._kept[network.chain_id, *claim] = pool
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return found


def _identity(
    network: Network, protocol: Protocol, address: Address, answers: Sequence[Answer]
) -> PoolIdentity | None:
    """The pool at `address`, or None where it is none: its answers are anybody's words until its address proves them."""
    token0, token1, fee = answers
    try:
        tokens = _TOKEN0.decode(answered(token0))[0], _TOKEN1.decode(answered(token1))[0]
        if protocol is Protocol.UNISWAP_V2:
            expected = pair_address(network.pairs, *tokens)
        else:
            expected = pool_address(network.pools, *tokens, _FEE.decode(answered(fee))[0])
    except AbiError:
        return None
    return PoolIdentity(protocol, address, *tokens) if expected == address else None
