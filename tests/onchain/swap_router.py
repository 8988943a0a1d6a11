"""Routes as Uniswap's SwapRouter02 executes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from colonnade.evm import Address, Function, encode_packed
from infra.local.chain import Receipt
from plugins.trading.pools.pool import Protocol
from plugins.trading.routes import Route
from tests.fixtures.local_chain import OnChain

_SINGLE: Final = Function.parse(
    "function exactInputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 amountIn, "
    "uint256 amountOutMinimum, uint160 sqrtPriceLimitX96) params) payable returns (uint256 amountOut)"
)
_PATH: Final = Function.parse(
    "function exactInput((bytes path, address recipient, uint256 amountIn, uint256 amountOutMinimum) params) "
    "payable returns (uint256 amountOut)"
)
_PAIRS: Final = Function.parse(
    "function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to) "
    "payable returns (uint256 amountOut)"
)
_MULTICALL: Final = "function multicall(bytes[] data) payable returns (bytes[] results)"

_ROUTER_ITSELF: Final = Address("0x0000000000000000000000000000000000000002")
"""Stands for the router as a recipient; an input of zero then means what it holds."""


def execute(chain: OnChain, route: Route) -> Receipt:
    """Swap along `route` from the first account to itself. Raises `CallReverted`."""
    owner = chain.accounts[0]
    return chain.send(owner, chain["SwapRouter02"], _MULTICALL, list(_calls(route, owner)))


def approve_router(chain: OnChain, tokens: tuple[Address, ...]) -> None:
    """Let the router take `tokens` of the first account."""
    for token in tokens:
        spender = chain["SwapRouter02"]
        chain.send(
            chain.accounts[0], token, "function approve(address, uint256) returns (bool)", spender, 2**256 - 1
        )


def _calls(route: Route, owner: Address) -> Iterator[bytes]:
    protocols = {leg.pool.protocol for leg in route.legs}
    tokens = [route.legs[0].token_in, *(leg.token_out for leg in route.legs)]
    if protocols == {Protocol.UNISWAP_V2}:
        yield _PAIRS.encode(route.amount_in, 0, tokens, owner)
    elif protocols == {Protocol.UNISWAP_V3} and len(route.legs) > 1:
        hops = [part for leg in route.legs for part in (leg.token_in, leg.pool.fee_pips)]
        kinds = ["address", "uint24"] * len(route.legs) + ["address"]
        path = encode_packed(kinds, [*hops, route.legs[-1].token_out])
        yield _PATH.encode((path, owner, route.amount_in, 0))
    else:
        for number, leg in enumerate(route.legs, 1):
            recipient = owner if number == len(route.legs) else _ROUTER_ITSELF
            amount = route.amount_in if number == 1 else 0
            if leg.pool.protocol is Protocol.UNISWAP_V2:
                yield _PAIRS.encode(amount, 0, [leg.token_in, leg.token_out], recipient)
            else:
                single = (leg.token_in, leg.token_out, leg.pool.fee_pips, recipient, amount, 0, 0)
                yield _SINGLE.encode(single)
