"""Calldata of Uniswap's UniversalRouter 2.0, which takes tokens through Permit2. Pure.

Source: `Commands.sol` and `Dispatcher.sol` of universal-router 2.0: a byte for each command, and its arguments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from colonnade.actions import PreparedCall
from colonnade.evm import Address, Function, encode
from plugins.trading.execution.paths import v2_path, v3_path
from plugins.trading.execution.terms import Hop, SwapTerms
from plugins.trading.pools.pool import Protocol

EXECUTE: Final = Function.parse("function execute(bytes commands, bytes[] inputs, uint256 deadline) payable")

ROUTER_ITSELF: Final = Address("0x0000000000000000000000000000000000000002")
WHAT_IT_HOLDS: Final = 1 << 255
"""As an input: all that the router holds of the token."""

V3_EXACT_IN, V3_EXACT_OUT, V2_EXACT_IN, V2_EXACT_OUT, PERMIT, UNWRAP = 0x00, 0x01, 0x08, 0x09, 0x0A, 0x0C
MAY_FAIL: Final = 0x80
"""Added to a command whose failure the others do not depend on."""

_SWAP_TYPES: Final = {
    Protocol.UNISWAP_V3: ("address", "uint256", "uint256", "bytes", "bool"),
    Protocol.UNISWAP_V2: ("address", "uint256", "uint256", "address[]", "bool"),
}
_PERMIT_TYPES: Final = ("((address,uint160,uint48,uint48),address,uint256)", "bytes")

Command: TypeAlias = tuple[int, bytes]


def swap_call(terms: SwapTerms, first: Sequence[Command] = ()) -> PreparedCall:
    """The call that makes the swap within its bounds, after the commands of `first`.

    Raises ValueError for a swap that pays with the chain's own coin, which needs no Permit2.
    """
    if terms.native_in:
        raise ValueError("the chain's own coin is not taken through Permit2")
    commands = [*first, *_swaps(terms)]
    if terms.native_out:
        commands.append((UNWRAP, encode(("address", "uint256"), (terms.recipient, terms.minimum_out))))
    names, inputs = bytes(name for name, _ in commands), [given for _, given in commands]
    return PreparedCall(terms.network.universal_router, EXECUTE.encode(names, inputs, terms.deadline))


def permit_command(
    details: tuple[Address, int, int, int], spender: Address, deadline: int, signature: bytes
) -> Command:
    """The command that hands a signed `PermitSingle` to Permit2.

    `details`: token, amount, expiration and nonce. It may fail: somebody may have handed the same permit in before,
    and without any the swap fails by itself.
    """
    return PERMIT | MAY_FAIL, encode(_PERMIT_TYPES, ((details, spender, deadline), signature))


def _swaps(terms: SwapTerms) -> Iterator[Command]:
    receiver = ROUTER_ITSELF if terms.native_out else terms.recipient
    if terms.one_protocol:
        if terms.selling:
            yield _exact_input(terms.hops, receiver, terms.amount_in, terms.minimum_out, user_pays=True)
        else:
            yield _exact_output(terms.hops, receiver, terms.amount_out, terms.maximum_in)
        return
    first, second = terms.hops
    if terms.selling:
        yield _exact_input((first,), ROUTER_ITSELF, terms.amount_in, 0, user_pays=True)
    else:
        assert terms.intermediate is not None, "an output through two protocols needs an intermediate amount"
        yield _exact_output((first,), ROUTER_ITSELF, terms.intermediate, terms.maximum_in)
    yield _exact_input((second,), receiver, WHAT_IT_HOLDS, terms.minimum_out, user_pays=False)


def _exact_input(
    hops: Sequence[Hop], receiver: Address, amount: int, minimum: int, *, user_pays: bool
) -> Command:
    if hops[0].protocol is Protocol.UNISWAP_V2:
        return V2_EXACT_IN, _swap(hops, receiver, amount, minimum, v2_path(hops), user_pays)
    return V3_EXACT_IN, _swap(hops, receiver, amount, minimum, v3_path(hops, backwards=False), user_pays)


def _exact_output(hops: Sequence[Hop], receiver: Address, amount: int, maximum: int) -> Command:
    if hops[0].protocol is Protocol.UNISWAP_V2:
        return V2_EXACT_OUT, _swap(hops, receiver, amount, maximum, v2_path(hops), True)
    return V3_EXACT_OUT, _swap(hops, receiver, amount, maximum, v3_path(hops, backwards=True), True)


def _swap(hops: Sequence[Hop], receiver: Address, amount: int, bound: int, path: object, pays: bool) -> bytes:
    return encode(_SWAP_TYPES[hops[0].protocol], (receiver, amount, bound, path, pays))
