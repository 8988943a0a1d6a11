"""Swaps that accounts made."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import strawberry

from colonnade import Context, Info, extend
from colonnade.chains import BASE, ChainId
from colonnade.cost import UPSTREAM, cost
from colonnade.evm import Address
from colonnade.relay import Connection, Edge, Node, connect_query
from colonnade.store import Item
from colonnade.tokens import TokenMetadata, Tokens
from plugins.trading.indexing.swap_rows import SWAP, chain_of, swap_key
from plugins.trading.networks import network_of
from plugins.trading.types.account_swaps import Heads, SwapType


@extend("Query")
class AccountSwapQueries:
    @strawberry.field(
        description="The swaps that an account made, newest first, as far as the chain is indexed.",
        extensions=[cost(2 * UPSTREAM)],
    )
    async def swaps(
        self,
        info: Info,
        account: Annotated[Address, strawberry.argument(description="Whose swaps.")],
        first: Annotated[int, strawberry.argument(description="How many, 1 to 100.")] = 20,
        after: Annotated[
            str | None, strawberry.argument(description="The cursor of the last one seen.")
        ] = None,
        chain_id: Annotated[ChainId, strawberry.argument(description="The chain they were made on.")] = BASE,
    ) -> Connection[SwapType] | None:
        network_of(chain_id)
        context = info.context
        rows = await connect_query(
            context,
            f"trading.swaps:{chain_id}:{account}",
            SWAP.query(chain_id=int(chain_id), account=account, descending=True),
            _attributes,
            first=first,
            after=after,
        )
        shown = await _shown(context, chain_id, [edge.node for edge in rows.edges])
        edges = [Edge(node=node, cursor=edge.cursor) for node, edge in zip(shown, rows.edges, strict=True)]
        return Connection[SwapType](edges=edges, page_info=rows.page_info)


async def load_swaps(context: Context, node_ids: Sequence[str]) -> Sequence[Node | None]:
    """Swaps by their node ids."""
    keys = {node_id: key for node_id in node_ids if (key := swap_key(node_id)) is not None}
    items = await context.store.batch_get(list(dict.fromkeys(keys.values()))) if keys else {}
    rows = {node_id: _attributes(items[key]) for node_id, key in keys.items() if key in items}
    found: dict[str, SwapType] = {}
    for chain_id in {chain_of(row) for row in rows.values()}:
        here = {node_id: row for node_id, row in rows.items() if chain_of(row) == chain_id}
        found |= dict(zip(here, await _shown(context, chain_id, list(here.values())), strict=True))
    return [found.get(node_id) for node_id in node_ids]


async def _shown(
    context: Context, chain_id: ChainId, rows: Sequence[Mapping[str, Any]]
) -> Sequence[SwapType]:
    """The swaps of rows; one round trip where they hold tokens that are not known, none otherwise."""
    named = dict.fromkeys(token for row in rows for token in (row["token_in"], row["token_out"]))
    tokens: Mapping[Address, TokenMetadata] = {}
    if named:
        tokens = await context.services.get(Tokens).metadata(context.chain(chain_id), list(named))
    heads = Heads(context, chain_id)
    return [SwapType.of(row, tokens, heads) for row in rows]


def _attributes(item: Item) -> Mapping[str, Any]:
    return item.attributes
