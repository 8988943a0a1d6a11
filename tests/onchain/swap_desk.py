"""Routes of a chosen shape on the local chain, and what carrying them out does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

from colonnade.actions import PreparedCall
from colonnade.chains import BASE
from colonnade.evm import Address
from infra.rpc import JsonRpcChains
from plugins.trading.execution.executable import SwapRequest, terms_of
from plugins.trading.execution.terms import SwapTerms
from plugins.trading.markets import Market, read_market
from plugins.trading.networks import NETWORKS
from plugins.trading.pools.addresses import sort_tokens
from plugins.trading.pools.pool import Pool, Protocol
from plugins.trading.pricing import PricedSwap
from plugins.trading.router import best_route
from plugins.trading.routes import TradeType
from tests.fixtures.local_chain import OnChain

NETWORK: Final = NETWORKS[BASE]
FAR: Final = 2**40
"""A deadline, in Unix seconds."""

APPROVE: Final = "function approve(address, uint256) returns (bool)"
ALLOWANCE: Final = "function allowance(address, address) view returns (uint256)"
BALANCE_OF: Final = "function balanceOf(address) view returns (uint256)"

V2, V3 = Protocol.UNISWAP_V2, Protocol.UNISWAP_V3


@dataclass(frozen=True, slots=True)
class Shape:
    """A path of tokens by name, and the protocol of each hop. ETH is the chain's own coin."""

    path: tuple[str, ...]
    protocols: tuple[Protocol, ...]

    def __str__(self) -> str:
        return "-".join([*self.path, *(protocol.value[-2:] for protocol in self.protocols)])


def wallet(number: int) -> LocalAccount:
    """The key of a development account: those of the words that every development node begins with."""
    Account.enable_unaudited_hdwallet_features()
    words = " ".join(["test"] * 11 + ["junk"])
    key: LocalAccount = Account.from_mnemonic(words, account_path=f"m/44'/60'/0'/0/{number}")
    return key


def sign(account: LocalAccount, typed_data: dict[str, Any]) -> bytes:
    """The signature of `eth_signTypedData_v4`, by eth_account."""
    signature: bytes = bytes(account.sign_message(encode_typed_data(full_message=typed_data)).signature)
    return signature


def token(chain: OnChain, name: str) -> Address:
    return NETWORK.native.address if name == "ETH" else chain[name]


def held(chain: OnChain, owner: Address, of: Address) -> int:
    """What `owner` holds of a token or of the coin."""
    if of == NETWORK.native.address:
        return int(chain.rpc("eth_getBalance", owner, "latest"), 16)
    amount: int = chain.call(of, BALANCE_OF, owner)[0]
    return amount


async def terms_for(
    chain: OnChain,
    chains: JsonRpcChains,
    shape: Shape,
    amount: int,
    trade_type: TradeType,
    account: Address,
    *,
    recipient: Address | None = None,
    slippage_bps: int = 50,
    deadline: int = FAR,
) -> SwapTerms:
    """The terms of a swap through pools of just this shape, at the newest block."""
    addresses = [NETWORK.tradable(token(chain, name)) for name in shape.path]
    first, last = addresses[0], addresses[-1]
    market = await read_market(chains.reader(BASE), NETWORK, *sort_tokens(first, last))
    pools = _shaped(market.pools, addresses, shape.protocols)
    route = best_route(
        pools,
        hubs=NETWORK.hubs,
        token_in=first,
        token_out=last,
        amount=amount,
        trade_type=trade_type,
    )
    assert tuple(leg.pool.protocol for leg in route.legs) == shape.protocols
    priced = PricedSwap(
        NETWORK,
        token(chain, shape.path[0]),
        token(chain, shape.path[-1]),
        trade_type,
        {},
        Market(market.block, tuple(pools), None),
        route,
    )
    return terms_of(priced, SwapRequest(account, recipient or account, slippage_bps, deadline))


def _shaped(pools: Sequence[Pool], path: Sequence[Address], protocols: Sequence[Protocol]) -> list[Pool]:
    hops = {sort_tokens(*hop): protocol for hop, protocol in zip(pairwise(path), protocols, strict=True)}
    return [pool for pool in pools if hops.get((pool.token0, pool.token1)) is pool.protocol]


def carry_out(chain: OnChain, account: Address, call: PreparedCall) -> int:
    """Sends a call as a transaction of `account`; the wei it paid for gas. Raises `CallReverted`."""
    receipt = chain.chain.node.transact(account, call.to, call.data, value=call.value)
    mined = chain.rpc("eth_getTransactionReceipt", receipt.transaction_hash)
    return int(mined["gasUsed"], 16) * int(mined["effectiveGasPrice"], 16)
