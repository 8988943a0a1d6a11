"""What an account holds and has allowed, read together with the price of its swap."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from colonnade.chains import Call, ChainReader
from colonnade.evm import AbiError, Address
from plugins.trading.answers import Answer, answered
from plugins.trading.erc20 import balance_call, balance_from
from plugins.trading.execution import erc2612, permit2
from plugins.trading.execution.approvals import ALLOWANCE
from plugins.trading.networks import NATIVE, Network


@dataclass(frozen=True, slots=True)
class WalletState:
    """An account and the token it pays with, atomic units.

    `held`: of the token, None where it is no ERC-20; `coin`: wei. `router_allowance`, `permit2_allowance`: what the
    token lets SwapRouter02 and Permit2 take; `permit2_grant`: what Permit2 lets UniversalRouter take, None where there
    is no Permit2; `permit`: how the token itself is permitted, if it can be.
    """

    held: int | None
    coin: int
    router_allowance: int = 0
    permit2_allowance: int = 0
    permit2_grant: permit2.Permit2Allowance | None = None
    permit: erc2612.PermitDomain | None = None


async def read_wallet_state(
    chain: ChainReader, network: Network, account: Address, token: Address
) -> WalletState:
    """Everything in one round trip, with whatever else is started at the same time. Raises `ChainUnavailable`."""
    if token == NATIVE:
        coin = await chain.balance(account)
        return WalletState(held=coin, coin=coin)
    calls = [
        balance_call(token, account),
        Call(token, ALLOWANCE.encode(account, network.swap_router)),
        Call(token, ALLOWANCE.encode(account, network.permit2)),
        permit2.allowance_call(network.permit2, account, token, network.universal_router),
        *([] if token == network.wrapped_native else erc2612.probes(token, account)),
    ]
    answers, coin = await asyncio.gather(chain.calls(calls), chain.balance(account))
    held, to_router, to_permit2, granted, *permit = answers
    return WalletState(
        held=balance_from(held),
        coin=coin,
        router_allowance=_allowance(to_router),
        permit2_allowance=_allowance(to_permit2),
        permit2_grant=permit2.allowance_from(granted),
        # WETH9 has none, and takes any question it does not know for a deposit, which burns all the gas there is.
        permit=erc2612.domain_from(network.chain_id, token, permit) if permit else None,
    )


def _allowance(answer: Answer) -> int:
    try:
        allowed: int = ALLOWANCE.decode(answered(answer))[0]
    except AbiError:
        return 0  # A token that does not say has allowed nothing, as far as anybody may rely on it.
    return allowed
