"""What is wrong with the input of `prepareSwap`, and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from colonnade.evm import ZERO_ADDRESS
from colonnade.results import ValidationIssue
from colonnade.wallets import WalletKind
from plugins.trading.execution.authorization import Authorization
from plugins.trading.execution.bounds import (
    AUTOMATIC_SLIPPAGE_BPS,
    BPS,
    MAX_PRICE_IMPACT_BPS,
    MAX_SLIPPAGE_BPS,
)
from plugins.trading.execution.preparing import SwapWish
from plugins.trading.networks import NATIVE, NETWORKS, Network, untraded
from plugins.trading.routes import TradeType
from plugins.trading.types.prepare_swap import PrepareSwapInput, SwapOrderInput

LASTS: Final = timedelta(minutes=20)
SHORTEST: Final = timedelta(seconds=30)
LONGEST: Final = timedelta(hours=2)

_MAX_AMOUNT: Final = 2**256 - 1


def order_of(given: PrepareSwapInput) -> SwapOrderInput:
    """The order that the input holds: its only choice."""
    assert given.swap.order is not None, "a oneOf input has exactly one value, which is not null"
    return given.swap.order.value


def issues_in(given: PrepareSwapInput, now: datetime) -> Iterator[ValidationIssue]:
    """Everything that is wrong with the input by itself."""
    order = order_of(given)
    network = NETWORKS.get(order.chain_id)
    at = ("swap", "order")
    if network is None:
        yield _issue("UNSUPPORTED_CHAIN", untraded(order.chain_id), *at, "chainId")
    elif network.tradable(order.token_in) == network.tradable(order.token_out):
        message = "must differ from tokenIn; wrapping the chain's coin is one to one"
        yield _issue("SAME_TOKEN", message, *at, "tokenOut")
    if not 1 <= order.amount <= _MAX_AMOUNT:
        yield _issue("OUT_OF_RANGE", "must be between 1 and 2^256 - 1 atomic units", *at, "amount")
    if network is not None and given.recipient in _not_recipients(network, order):
        yield _issue("NOT_A_RECIPIENT", "is no account: what it is paid is lost", "recipient")
    if given.slippage_bps is not None and not 1 <= given.slippage_bps <= MAX_SLIPPAGE_BPS:
        message = f"must be between 1 and {MAX_SLIPPAGE_BPS} basis points: with 0 any movement fails the swap"
        yield _issue("OUT_OF_RANGE", message, "slippageBps")
    if given.deadline is not None and not SHORTEST <= given.deadline - now <= LONGEST:
        yield _issue("OUT_OF_RANGE", "must be 30 seconds to 2 hours from now", "deadline")
    if given.max_price_impact_bps is not None and not 0 <= given.max_price_impact_bps <= BPS:
        yield _issue("OUT_OF_RANGE", f"must be between 0 and {BPS} basis points", "maxPriceImpactBps")


def wallet_issues_in(given: PrepareSwapInput, kind: WalletKind) -> Iterator[ValidationIssue]:
    """What a wallet of this kind cannot do."""
    elsewhere = given.recipient is not None and given.recipient != given.account
    if kind is WalletKind.CONTRACT and elsewhere and order_of(given).token_out == NATIVE:
        message = "nothing on chain shows whom a contract's wallet paid coin to: buy the wrapped coin, or send it on later"
        yield _issue("CANNOT_BE_SHOWN", message, "recipient")


def wish_of(given: PrepareSwapInput, kind: WalletKind) -> SwapWish:
    """The swap that a valid input asks for, from a wallet of this kind."""
    order = order_of(given)
    slippage, impact = given.slippage_bps, given.max_price_impact_bps
    return SwapWish(
        network=NETWORKS[order.chain_id],
        account=given.account,
        kind=kind,
        recipient=given.recipient or given.account,
        token_in=order.token_in,
        token_out=order.token_out,
        amount=order.amount,
        trade_type=TradeType[order.trade_type.name],
        slippage_bps=AUTOMATIC_SLIPPAGE_BPS if slippage is None else slippage,
        max_price_impact_bps=MAX_PRICE_IMPACT_BPS if impact is None else impact,
        authorization=None if given.authorization is None else Authorization[given.authorization.name],
        deadline=given.deadline,
        lasts=LASTS,
    )


def _not_recipients(network: Network, order: SwapOrderInput) -> frozenset[str]:
    """Addresses that pay out nothing, and the two that routers read as themselves and their caller."""
    reserved = (f"0x{number:040x}" for number in (1, 2))
    routers = (network.swap_router, network.universal_router, network.permit2)
    tokens = (NATIVE, network.wrapped_native, order.token_in, order.token_out)
    return frozenset((ZERO_ADDRESS, *routers, *tokens, *reserved))


def _issue(code: str, message: str, *path: str) -> ValidationIssue:
    return ValidationIssue(path=["input", *path], code=code, message=message)
