"""Prices of tokens as clients see them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import strawberry

from colonnade.blocks import Block
from colonnade.chains import BlockRef
from colonnade.evm import Address
from colonnade.tokens import Token, TokenMetadata
from plugins.trading.rates import rate, significant


@strawberry.type(description="What one token is worth.")
class TokenPrice:
    address: Address = strawberry.field(description="The token, as it was asked for.")
    price: Decimal | None = strawberry.field(
        description="Whole units of the quote token for one of this one, 18 significant digits; null where no pool prices it."
    )


@strawberry.type(
    description="What tokens are worth in the state of `block`: the mid price of each one's deepest pool, which a single swap can move."
)
class TokenPrices:
    quote: Token = strawberry.field(description="What prices are in.")
    prices: list[TokenPrice] = strawberry.field(
        description="One for each token, in the order they were asked for."
    )
    block: Block = strawberry.field(description="The block that they hold for.")

    @classmethod
    def of(
        cls,
        wanted: Sequence[Address],
        prices: Mapping[Address, Fraction],
        tokens: Mapping[Address, TokenMetadata],
        quote: TokenMetadata,
        block: BlockRef,
    ) -> "TokenPrices":
        """`prices`: atomic units of `quote` for one of each token that has a price."""
        return cls(
            quote=Token.of(quote),
            prices=[
                TokenPrice(address=token, price=_price(prices.get(token), tokens.get(token), quote))
                for token in wanted
            ],
            block=Block.of(block),
        )


def _price(price: Fraction | None, token: TokenMetadata | None, quote: TokenMetadata) -> Decimal | None:
    if price is None or token is None:
        return None
    return significant(rate(price, quote.decimals, 1, token.decimals))
