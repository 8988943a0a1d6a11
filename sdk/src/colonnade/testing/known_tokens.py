"""Tokens that need no chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from colonnade.chains import ChainReader
from colonnade.evm import Address
from colonnade.tokens import TokenMetadata


class KnownTokens:
    """A `colonnade.tokens.Tokens` of the given ones; `balances`: atomic units by account and token."""

    def __init__(
        self, *tokens: TokenMetadata, balances: Mapping[tuple[Address, Address], int] | None = None
    ) -> None:
        self._tokens = {(token.chain_id, token.address): token for token in tokens}
        self._balances = dict(balances or {})

    async def metadata(
        self, chain: ChainReader, addresses: Sequence[Address]
    ) -> Mapping[Address, TokenMetadata]:
        """See `Tokens.metadata`."""
        found = ((address, self._tokens.get((chain.chain_id, address))) for address in addresses)
        return {address: token for address, token in found if token is not None}

    async def balances(
        self, chain: ChainReader, account: Address, tokens: Sequence[Address]
    ) -> Mapping[Address, int]:
        """See `Tokens.balances`."""
        return {
            token: self._balances.get((account, token), 0)
            for token in tokens
            if (chain.chain_id, token) in self._tokens
        }
