"""Calldata of Uniswap's SwapRouter02. Pure.

Source: swap-router-contracts 1.3.1. Everything goes through `multicall(deadline, data[])`, since none of the swaps
takes a deadline by itself. Coin that is sent along pays for the wrapped token; `refundETH` gives back what is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from colonnade.actions import PreparedCall
from colonnade.evm import Address, Function
from plugins.trading.execution.paths import v2_path, v3_path
from plugins.trading.execution.terms import Hop, SwapTerms
from plugins.trading.pools.pool import Protocol

MULTICALL: Final = Function.parse(
    "function multicall(uint256 deadline, bytes[] data) payable returns (bytes[] results)"
)
EXACT_INPUT: Final = Function.parse(
    "function exactInput((bytes path, address recipient, uint256 amountIn, uint256 amountOutMinimum) params) "
    "payable returns (uint256 amountOut)"
)
EXACT_OUTPUT: Final = Function.parse(
    "function exactOutput((bytes path, address recipient, uint256 amountOut, uint256 amountInMaximum) params) "
    "payable returns (uint256 amountIn)"
)
EXACT_INPUT_SINGLE: Final = Function.parse(
    "function exactInputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 amountIn, "
    "uint256 amountOutMinimum, uint160 sqrtPriceLimitX96) params) payable returns (uint256 amountOut)"
)
EXACT_OUTPUT_SINGLE: Final = Function.parse(
    "function exactOutputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 amountOut, "
    "uint256 amountInMaximum, uint160 sqrtPriceLimitX96) params) payable returns (uint256 amountIn)"
)
SWAP_EXACT_TOKENS: Final = Function.parse(
    "function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to) "
    "payable returns (uint256 amountOut)"
)
SWAP_FOR_EXACT_TOKENS: Final = Function.parse(
    "function swapTokensForExactTokens(uint256 amountOut, uint256 amountInMax, address[] path, address to) "
    "payable returns (uint256 amountIn)"
)
UNWRAP: Final = Function.parse("function unwrapWETH9(uint256 amountMinimum, address recipient) payable")
REFUND: Final = Function.parse("function refundETH() payable")
SELF_PERMIT: Final = Function.parse(
    "function selfPermitIfNecessary(address token, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) payable"
)

ROUTER_ITSELF: Final = Address("0x0000000000000000000000000000000000000002")
"""As a recipient: what comes out stays with the router for its next call."""

WHAT_IT_HOLDS: Final = 0
"""As an input: all that the router holds of the token."""


def swap_call(terms: SwapTerms, first: Sequence[bytes] = ()) -> PreparedCall:
    """The call that makes the swap within its bounds; `first` are calls of the router to make before it."""
    parts = [*first, *_swaps(terms)]
    if terms.native_out:
        parts.append(UNWRAP.encode(terms.minimum_out, terms.recipient))
    if terms.native_in and not terms.selling:
        parts.append(REFUND.encode())
    value = terms.maximum_in if terms.native_in else 0
    return PreparedCall(terms.network.swap_router, MULTICALL.encode(terms.deadline, parts), value)


def self_permit(token: Address, value: int, deadline: int, signature: tuple[int, bytes, bytes]) -> bytes:
    """The router's call that hands an ERC-2612 permit to its token; passed over where the allowance is there already,
    so that somebody who hands it in first spoils nothing. `signature`: v, r and s."""
    return SELF_PERMIT.encode(token, value, deadline, *signature)


def _swaps(terms: SwapTerms) -> Iterator[bytes]:
    receiver = ROUTER_ITSELF if terms.native_out else terms.recipient
    if terms.one_protocol:
        if terms.selling:
            yield _exact_input(terms.hops, terms.amount_in, terms.minimum_out, receiver)
        else:
            yield _exact_output(terms.hops, terms.amount_out, terms.maximum_in, receiver)
        return
    first, second = terms.hops
    if terms.selling:
        yield _exact_input((first,), terms.amount_in, 0, ROUTER_ITSELF)
    else:
        # The router buys an output only with its caller's tokens, never with its own: so the first pool buys what the
        # second is sure to take, and all of that is sold.
        assert terms.intermediate is not None, "an output through two protocols needs an intermediate amount"
        yield _exact_output((first,), terms.intermediate, terms.maximum_in, ROUTER_ITSELF)
    yield _exact_input((second,), WHAT_IT_HOLDS, terms.minimum_out, receiver)


def _exact_input(hops: Sequence[Hop], amount: int, minimum: int, receiver: Address) -> bytes:
    if hops[0].protocol is Protocol.UNISWAP_V2:
        return SWAP_EXACT_TOKENS.encode(amount, minimum, v2_path(hops), receiver)
    if len(hops) > 1:
        return EXACT_INPUT.encode((v3_path(hops, backwards=False), receiver, amount, minimum))
    (hop,) = hops
    return EXACT_INPUT_SINGLE.encode(
        (hop.token_in, hop.token_out, hop.fee_pips, receiver, amount, minimum, 0)
    )


def _exact_output(hops: Sequence[Hop], amount: int, maximum: int, receiver: Address) -> bytes:
    if hops[0].protocol is Protocol.UNISWAP_V2:
        return SWAP_FOR_EXACT_TOKENS.encode(amount, maximum, v2_path(hops), receiver)
    if len(hops) > 1:
        return EXACT_OUTPUT.encode((v3_path(hops, backwards=True), receiver, amount, maximum))
    (hop,) = hops
    return EXACT_OUTPUT_SINGLE.encode(
        (hop.token_in, hop.token_out, hop.fee_pips, receiver, amount, maximum, 0)
    )
