"""Tokens and amounts of them: types every plugin speaks of, filled by whoever provides `Tokens`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

import strawberry

from colonnade.chains import ChainId, ChainReader
from colonnade.evm import Address
from colonnade.money import to_units
from colonnade.relay import Node
from colonnade.scalars import BigInt


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

    async def metadata(
        self, chain: ChainReader, addresses: Sequence[Address]
    ) -> Mapping[Address, TokenMetadata]:
        """The tokens that exist among `addresses`. Raises `ChainUnavailable`."""
        ...

    async def balances(
        self, chain: ChainReader, account: Address, tokens: Sequence[Address]
    ) -> Mapping[Address, int]:
        """Atomic units held by `account`, of each of `tokens` that answers; all in one round trip."""
        ...


def token_id(chain_id: ChainId, address: Address) -> strawberry.ID:
    """The node id of a token: its chain and address, which name it for ever."""
    return strawberry.ID(f"tok_{chain_id}_{address}")


@strawberry.type(description="A token of a chain, as its contract describes itself.")
class Token(Node):
    chain_id: ChainId = strawberry.field(description="The chain its contract is on.")
    address: Address = strawberry.field(
        description="Its contract; the chain's own coin is 0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE (ERC-7528)."
    )
    symbol: str = strawberry.field(description="As the contract says; anyone can claim any symbol.")
    name: str = strawberry.field(description="As the contract says; anyone can claim any name.")
    decimals: int = strawberry.field(description="How many decimals a whole unit has.")

    @classmethod
    def of(cls, token: TokenMetadata) -> "Token":
        """The token that `token` describes."""
        return cls(
            id=token_id(token.chain_id, token.address),
            chain_id=token.chain_id,
            address=token.address,
            symbol=token.symbol,
            name=token.name,
            decimals=token.decimals,
        )


@strawberry.type(description="An amount of a token, as logs and calldata hold it.")
class TokenAmount:
    token: Token = strawberry.field(description="The token.")
    raw: BigInt = strawberry.field(description="Atomic units.")

    @strawberry.field(description="Whole units: `raw` divided by ten to the token's decimals, exactly.")
    def amount(self) -> Decimal:
        return to_units(self.raw, self.token.decimals)

    @classmethod
    def of(cls, token: TokenMetadata, raw: int) -> "TokenAmount":
        """`raw` atomic units of `token`."""
        return cls(token=Token.of(token), raw=BigInt(raw))
