"""Tokens and amounts of them: types that every plugin speaks of, filled by whoever provides `Tokens`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from colonnade.chains import ChainId, ChainReader
from colonnade.evm import Address


@dataclass(frozen=True, slots=True)
class TokenMetadata:
    """What an ERC-20 contract says of itself. `decimals`: 0 to 255."""

    chain_id: ChainId
    address: Address
    symbol: str
    name: str
    decimals: int


class Tokens(Protocol):
    """Metadata and balances of tokens."""

    async def metadata(self, chain: ChainReader, addresses: Sequence[Address]) -> Mapping[Address, TokenMetadata]:
        """The tokens that exist among `addresses`. Raises `ChainUnavailable`."""
        ...

    async def balances(
        self, chain: ChainReader, account: Address, tokens: Sequence[Address]
    ) -> Mapping[Address, int]:
        """Atomic units held by `account`, of each of `tokens` that answers; all in one round trip."""
        ...
