"""What clients can follow of trading."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Final

import strawberry

from colonnade import Context, Info
from colonnade.chains import BASE, ChainId
from colonnade.core_events import ChainHeadMoved
from colonnade.cost import UPSTREAM
from colonnade.errors import InvalidRequest
from colonnade.evm import Address
from colonnade.subscriptions import conflated, subscription
from colonnade.tokens import Tokens
from plugins.trading.discovery import pools_between
from plugins.trading.networks import NETWORKS, network_of
from plugins.trading.pool_reader import read_pools
from plugins.trading.spot import spot_pairs, spot_prices
from plugins.trading.types.prices import TokenPrices

MAX_TOKENS: Final = 100
INTERVAL_MS: Final = 500

_Tokens = Annotated[
    list[Address],
    strawberry.argument(description="Which tokens, 1 to 100; the chain's own coin is worth its wrapped one."),
]
_Quote = Annotated[
    Address | None, strawberry.argument(description="The token that prices are in; USDC unless given.")
]
_Chain = Annotated[ChainId, strawberry.argument(description="The chain they are traded on.")]


def heads(
    context: Context, tokens: Sequence[Address], quote: Address | None = None, chain_id: ChainId = BASE
) -> Sequence[str]:
    """The topic that prices follow. Raises `InvalidRequest`."""
    network_of(chain_id)
    if not 1 <= len(tokens) <= MAX_TOKENS:
        raise InvalidRequest(f"tokens: 1 to {MAX_TOKENS}, not {len(tokens)}")
    return [ChainHeadMoved.topic(int(chain_id))]


async def current_prices(
    info: Info, tokens: _Tokens, quote: _Quote = None, chain_id: _Chain = BASE
) -> TokenPrices | None:
    """Prices at the newest block, in one round trip. None where `quote` is no token. Raises `ChainUnavailable`."""
    context, network = info.context, NETWORKS[chain_id]
    chain, wanted = context.chain(chain_id), list(dict.fromkeys(tokens))
    asked_in = quote or network.dollar
    base = network.tradable(asked_in)
    tradable = [network.tradable(token) for token in wanted]
    # Started together, so that they travel together.
    block, pools, known = await asyncio.gather(
        chain.block(),
        read_pools(chain, pools_between(network, spot_pairs(network, tradable, base)), words=0),
        context.services.get(Tokens).metadata(chain, [asked_in, *wanted]),
    )
    if asked_in not in known:
        return None
    found = spot_prices(network, pools, tradable, base)
    prices = {token: found[held] for token, held in zip(wanted, tradable, strict=True) if held in found}
    return TokenPrices.of(wanted, prices, known, known[asked_in], block)


@subscription(
    topics=heads,
    delivery=conflated(INTERVAL_MS),
    snapshot=current_prices,
    shared=True,
    cost=UPSTREAM,
    description="What tokens are worth, as blocks arrive.",
)
async def token_prices(
    event: ChainHeadMoved, info: Info, tokens: _Tokens, quote: _Quote = None, chain_id: _Chain = BASE
) -> TokenPrices | None:
    return await current_prices(info, tokens, quote, chain_id)
