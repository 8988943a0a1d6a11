"""A swap tried out on the chain's state before anybody signs it, and what that shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from colonnade.actions import ActionWarning, PreparedCall
from colonnade.chains import ChainReader, SimulatedCall, SimulatedResult
from colonnade.errors import CallReverted, SimulationUnsupported
from plugins.trading.asset_changes import asset_changes
from plugins.trading.execution.bounds import BPS
from plugins.trading.execution.terms import SwapTerms


@dataclass(frozen=True, slots=True)
class Measured:
    """What the simulation moved, atomic units."""

    spent: int
    received: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What trying the swap out showed. `measured`: None where no node simulates."""

    measured: Measured | None
    warnings: Sequence[ActionWarning]


class SwapFails(Exception):
    """The swap would not do what it is for; the message says what it did. `shortfall_bps`: how much less than its
    price it would bring, where that could be measured."""

    def __init__(self, message: str, shortfall_bps: int | None = None) -> None:
        self.shortfall_bps = shortfall_bps
        super().__init__(message)


async def rehearse(
    chain: ChainReader,
    terms: SwapTerms,
    calls: Sequence[PreparedCall],
    unbounded: Sequence[PreparedCall],
) -> Rehearsal:
    """What `calls` of the account do, the swap last, and what there is to warn of: also that none could be tried.

    `unbounded`: the same for whatever the swap brings, tried only to measure by how much `calls` fail. Raises
    `SwapFails` and `ChainUnavailable`.
    """
    try:
        results = await _simulated(chain, terms, calls)
        failed = next((result for result in results if result.error is not None), None)
        if failed is None:
            measured = _measured(terms, results)
            return Rehearsal(measured, _compared(terms, measured))
        raise await _failure(chain, terms, failed, unbounded)
    except CallReverted as reverted:
        # The whole simulation was refused: the account cannot pay for what it sends along.
        raise SwapFails(f"the swap would fail: {reverted}") from reverted
    except SimulationUnsupported:
        warning = ActionWarning(
            "NOT_SIMULATED",
            "no node simulates transactions: what the swap moves was computed, and not tried out",
        )
        return Rehearsal(None, (warning,))


async def _failure(
    chain: ChainReader, terms: SwapTerms, failed: SimulatedResult, unbounded: Sequence[PreparedCall]
) -> SwapFails:
    reason = str(failed.error)
    results = await _simulated(chain, terms, unbounded)
    if any(result.error is not None for result in results):
        return SwapFails(f"the swap would revert: {reason}")
    measured = _measured(terms, results)
    short = _shortfall_bps(terms.amount_out, measured.received)
    return SwapFails(
        f"the swap would bring {measured.received} atomic units instead of {terms.amount_out}, {short} basis points "
        f"less than its price and less than the minimum of {terms.minimum_out} ({reason}): a token may keep a part "
        "of each transfer",
        short,
    )


async def _simulated(
    chain: ChainReader, terms: SwapTerms, calls: Sequence[PreparedCall]
) -> Sequence[SimulatedResult]:
    return await chain.simulate(
        [SimulatedCall(terms.account, call.to, call.data, call.value) for call in calls]
    )


def _measured(terms: SwapTerms, results: Sequence[SimulatedResult]) -> Measured:
    logs = [log for result in results for log in result.logs]
    changes = asset_changes(logs, terms.network.wrapped_native)
    return Measured(
        spent=-changes.get((terms.account, terms.token_in), 0),
        received=changes.get((terms.recipient, terms.token_out), 0),
    )


def _compared(terms: SwapTerms, measured: Measured) -> Sequence[ActionWarning]:
    """What differs from the price. Raises `SwapFails` where a bound does not hold."""
    short = _shortfall_bps(terms.amount_out, measured.received)
    if measured.received < terms.minimum_out:
        raise SwapFails(
            f"{terms.recipient} would receive {measured.received} atomic units of {terms.token_out}, {short} basis "
            f"points less than the price and less than the minimum of {terms.minimum_out}",
            short,
        )
    if measured.spent > terms.maximum_in:
        raise SwapFails(
            f"{terms.account} would spend {measured.spent} atomic units of {terms.token_in}, more than {terms.maximum_in}"
        )
    warnings: list[ActionWarning] = []
    if measured.received < terms.amount_out:
        warnings.append(
            ActionWarning(
                "RECEIVES_LESS",
                f"{terms.recipient} would receive {measured.received} atomic units, {short} basis points less than the "
                f"pools pay out: the token keeps a part of each transfer",
            )
        )
    if measured.spent != terms.amount_in:
        warnings.append(
            ActionWarning(
                "SPENDS_OTHERWISE",
                f"{terms.account} would spend {measured.spent} atomic units instead of {terms.amount_in}",
            )
        )
    return warnings


def _shortfall_bps(expected: int, received: int) -> int:
    return max(0, -(-(expected - received) * BPS // expected))
