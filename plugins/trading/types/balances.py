"""What an account holds, as clients see it."""

import strawberry

from colonnade.blocks import Block
from colonnade.evm import Address
from colonnade.tokens import TokenAmount


@strawberry.type(description="What an account holds of some tokens, all as of one block.")
class Balances:
    account: Address = strawberry.field(description="Who holds them.")
    amounts: list[TokenAmount] = strawberry.field(
        description="One for each token, in the order they were asked for; zero balances included."
    )
    unknown: list[Address] = strawberry.field(
        description="Addresses that were asked for and are no ERC-20 token's."
    )
    block: Block = strawberry.field(description="The block that they hold for.")
