"""Tokens, and who holds how much of them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import strawberry

from colonnade import Context, Info, extend
from colonnade.blocks import Block
from colonnade.chains import BASE, ChainId
from colonnade.cost import upstream
from colonnade.errors import InvalidRequest
from colonnade.evm import Address
from colonnade.relay import Connection, Node, connect_sequence, page_size
from colonnade.tokens import Token, TokenAmount, TokenMetadata, Tokens
from plugins.trading.networks import NETWORKS
from plugins.trading.node_ids import by_chain
from plugins.trading.types.balances import Balances

MAX_TOKENS: Final = 100

_Chain = Annotated[ChainId, strawberry.argument(description="The chain to look on.")]
_First = Annotated[int, strawberry.argument(description="How many, 1 to 100.")]
_After = Annotated[str | None, strawberry.argument(description="The cursor of the last one seen.")]


@extend("Query")
class TokenQueries:
    @strawberry.field(
        description="The token at an address; null where there is no ERC-20 token.", extensions=[upstream()]
    )
    async def token(
        self,
        info: Info,
        address: Annotated[
            Address, strawberry.argument(description="Its contract, or the chain's own coin.")
        ],
        chain_id: _Chain = BASE,
    ) -> Token | None:
        found = await _metadata(info.context, chain_id, [address])
        return Token.of(found[address]) if address in found else None

    @strawberry.field(
        description="Well-known tokens of a chain, the most used first; or those at given addresses.",
        extensions=[upstream()],
    )
    async def tokens(
        self,
        info: Info,
        first: _First = 20,
        after: _After = None,
        chain_id: _Chain = BASE,
        addresses: Annotated[
            list[Address] | None,
            strawberry.argument(description="At most 100; those that are no ERC-20 token's are left out."),
        ] = None,
    ) -> Connection[Token] | None:
        page_size(first)
        wanted = _distinct("addresses", addresses) if addresses is not None else _well_known(chain_id)
        found = list((await _metadata(info.context, chain_id, wanted)).values())
        places = {address: f"{place:04}" for place, address in enumerate(wanted)}
        return connect_sequence(
            info.context,
            f"trading.tokens:{chain_id}:{','.join(wanted)}",
            [Token.of(token) for token in found],
            key=lambda token: places[token.address],
            first=first,
            after=after,
        )

    @strawberry.field(
        description="What an account holds: of the well-known tokens, or of those given.",
        extensions=[upstream()],
    )
    async def balances(
        self,
        info: Info,
        account: Annotated[Address, strawberry.argument(description="Who holds them.")],
        chain_id: _Chain = BASE,
        tokens: Annotated[
            list[Address] | None,
            strawberry.argument(
                description="At most 100; the chain's own coin is among the well-known ones."
            ),
        ] = None,
    ) -> Balances | None:
        wanted = _distinct("tokens", tokens) if tokens is not None else _well_known(chain_id)
        context, directory = info.context, info.context.services.get(Tokens)
        chain = context.chain(chain_id)
        # Started together, so that they travel together.
        metadata, held, block = await asyncio.gather(
            directory.metadata(chain, wanted), directory.balances(chain, account, wanted), chain.block()
        )
        known = [token for token in wanted if token in metadata and token in held]
        return Balances(
            account=account,
            amounts=[TokenAmount.of(metadata[token], held[token]) for token in known],
            unknown=[] if tokens is None else [token for token in wanted if token not in known],
            block=Block.of(block),
        )


async def load_tokens(context: Context, node_ids: Sequence[str]) -> Sequence[Node | None]:
    """Tokens by their node ids, one round trip for each chain."""
    chains = by_chain(node_ids)
    found = await asyncio.gather(
        *(_metadata(context, chain, list(ids.values())) for chain, ids in chains.items())
    )
    tokens = {
        node_id: Token.of(metadata[address])
        for ids, metadata in zip(chains.values(), found, strict=True)
        for node_id, address in ids.items()
        if address in metadata
    }
    return [tokens.get(node_id) for node_id in node_ids]


async def _metadata(
    context: Context, chain_id: ChainId, addresses: Sequence[Address]
) -> Mapping[Address, TokenMetadata]:
    return await context.services.get(Tokens).metadata(context.chain(chain_id), addresses)


def _well_known(chain_id: ChainId) -> list[Address]:
    network = NETWORKS.get(chain_id)
    return list(network.well_known) if network else []


def _distinct(argument: str, addresses: Sequence[Address]) -> list[Address]:
    if len(addresses) > MAX_TOKENS:
        raise InvalidRequest(f"{argument}: at most {MAX_TOKENS}, not {len(addresses)}")
    return list(dict.fromkeys(addresses))
