"""Trading: tokens, pools, what a swap would bring, and swaps to sign and to follow.

| what a client does | here |
|--------------------|------|
| `token`, `tokens`, `balances` | `queries.tokens` ← `tokens` (the `Tokens` service) ← `erc20` |
| `pool`, `pools` | `queries.pools` ← `pool_reader` ← `lens` ← contracts/src/PoolLens.sol |
| `swapPrice` | `queries.swaps` ← `pricing` ← `markets` (what is read), `router` (what is computed) |
| `prepareSwap` | `mutations.prepare_swap` ← `execution.preparing`: `pricing`, `execution.executable` (the terms), `execution.authorization`, `execution.steps` (what is signed), `execution.rehearsal` (what it would move) |
| `confirmAction` of a swap | `execution.proof`: `verify_swap`, and `advance_swap` once a permit is signed |
| `swaps` | `queries.account_swaps` ← `indexing.swap_rows` ← `indexing.projection`: `swap_logs`, `indexing.pool_identities`, `indexing.trades`, `indexing.traders` |
| `tokenPrices` | `subscriptions` ← `spot` |

`pools` is the arithmetic, exact to the atomic unit; `networks` is where the protocols stand; `execution.swap_router` and
`execution.universal_router` write calldata, `execution.erc2612` and `execution.permit2` what is signed for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from colonnade import Plugin, hookimpl
from colonnade.actions import ActionKind
from colonnade.chain_logs import ChainLogs
from colonnade.entities import Entity
from colonnade.events import EventType
from colonnade.health import HealthCheck
from colonnade.local_contracts import LocalContract
from colonnade.nodes import NodeLoader
from colonnade.personal_data import ADDRESS, Keep, PersonalData, PersonalDataDeclaration
from colonnade.services import Service
from colonnade.subscriptions import SubscriptionField
from colonnade.tokens import Token, Tokens
from plugins.trading.execution.proof import SWAP_KIND
from plugins.trading.health import quotes_can_be_read
from plugins.trading.indexing.pool_identities import PoolIdentities
from plugins.trading.indexing.projection import swap_logs
from plugins.trading.indexing.swap_rows import SWAP, SwapIndexed, swaps_of
from plugins.trading.local_contracts import CONTRACTS
from plugins.trading.mutations.prepare_swap import PrepareSwap
from plugins.trading.pricing import SwapPricing
from plugins.trading.queries.account_swaps import AccountSwapQueries, load_swaps
from plugins.trading.queries.pools import PoolQueries, load_pools
from plugins.trading.queries.swaps import SwapQueries
from plugins.trading.queries.tokens import TokenQueries, load_tokens
from plugins.trading.settings import TradingSettings
from plugins.trading.subscriptions import token_prices
from plugins.trading.tokens import TokenDirectory
from plugins.trading.types.account_swaps import SwapType
from plugins.trading.types.pools import ConcentratedPoolType, ConstantProductPoolType, PoolType

plugin = Plugin(
    "trading", sdk=">=1.0,<2", version="0.2.0", uses=("actions", "identity"), settings=TradingSettings
)


@hookimpl
def graphql() -> Sequence[type | SubscriptionField]:
    return [
        TokenQueries,
        PoolQueries,
        SwapQueries,
        AccountSwapQueries,
        PrepareSwap,
        ConstantProductPoolType,
        ConcentratedPoolType,
        token_prices,
    ]


@hookimpl
def nodes() -> Sequence[NodeLoader]:
    return [
        NodeLoader("tok", Token, load_tokens),
        NodeLoader("pool", PoolType, load_pools),
        NodeLoader("swap", SwapType, load_swaps),
    ]


@hookimpl
def entities() -> Sequence[Entity]:
    return [SWAP]


@hookimpl
def personal_data() -> Sequence[PersonalDataDeclaration]:
    return [
        PersonalData(
            SWAP,
            Keep(
                "the chain has recorded these swaps for everybody to read, of every address, and they are indexed from it: "
                "once the account is erased, nothing here says whose address it was"
            ),
            rows={ADDRESS: swaps_of},
        )
    ]


@hookimpl
def event_types() -> Sequence[EventType]:
    return [EventType(SwapIndexed, "A swap of an account was indexed, or its block was taken back.")]


@hookimpl
def chain_logs() -> Sequence[ChainLogs]:
    return swap_logs(PoolIdentities())


@hookimpl
def services() -> Sequence[Service[object]]:
    directory = TokenDirectory()
    return [Service(Tokens, directory), Service(SwapPricing, SwapPricing(directory))]


@hookimpl
def action_kinds() -> Sequence[ActionKind]:
    return [SWAP_KIND]


@hookimpl
def health() -> Sequence[HealthCheck]:
    return [HealthCheck("trading.quotes", quotes_can_be_read)]


@hookimpl
def local_contracts() -> Sequence[LocalContract]:
    return CONTRACTS
