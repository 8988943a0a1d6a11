"""What a simulation shows is compared with the bounds to the unit, whatever the swap's own calldata allows."""

from __future__ import annotations

import pytest

from colonnade.actions import PreparedCall
from colonnade.chains import Log, SimulatedResult
from colonnade.errors import CallReverted, OutOfGas
from colonnade.evm import Address, checksum, encode
from colonnade.testing.scripted_chain import ScriptedChain
from plugins.trading.asset_changes import TRANSFER
from plugins.trading.execution.rehearsal import Measured, Rehearsal, SwapFails, rehearse
from plugins.trading.execution.terms import SwapTerms
from tests.plugins.trading.scripted_market import USDC, WETH
from tests.plugins.trading.test_swap_bounds import OWNER, ROUTER, terms_with

POOL = checksum(b"\x11" * 20)
BOUND, UNBOUND = PreparedCall(ROUTER, b"\x00\x00\x00\x01"), PreparedCall(ROUTER, b"\x00\x00\x00\x02")
TERMS = terms_with(10**9, maximum_in=10**9 + 5, minimum_out=10**18 - 10**15)


def moving(*moves: tuple[Address, Address, Address, int]) -> SimulatedResult:
    """A simulated call of which tokens say that they moved: token, from, to and amount."""
    logs = tuple(
        Log(
            token,
            (TRANSFER.topic, *(int(who, 16).to_bytes(32, "big") for who in (source, target))),
            encode(("uint256",), (amount,)),
            place,
            1,
            b"\x01" * 32,
            b"\x02" * 32,
        )
        for place, (token, source, target, amount) in enumerate(moves)
    )
    return SimulatedResult(None, b"", 1, logs)


def swapping(paid: int, got: int) -> SimulatedResult:
    return moving((USDC, OWNER, POOL, paid), (WETH, POOL, OWNER, got))


def failing(reason: str) -> SimulatedResult:
    return SimulatedResult(CallReverted(b"", reason), b"", 1, ())


async def rehearsed(
    bound: SimulatedResult, unbound: SimulatedResult | None = None, terms: SwapTerms = TERMS
) -> Rehearsal:
    chain = ScriptedChain()
    chain.when_simulated(ROUTER, BOUND.data, bound)
    if unbound is not None:
        chain.when_simulated(ROUTER, UNBOUND.data, unbound)
    return await rehearse(chain.reader(), terms, [BOUND], [UNBOUND])


async def test_a_swap_that_moves_what_it_was_priced_at_warns_of_nothing() -> None:
    assert await rehearsed(swapping(10**9, 10**18)) == Rehearsal(Measured(10**9, 10**18), [])


@pytest.mark.parametrize(
    ("paid", "got", "codes"),
    [
        (10**9, 10**18 - 1, ["RECEIVES_LESS"]),
        (10**9, TERMS.minimum_out, ["RECEIVES_LESS"]),
        (10**9 + 5, 10**18, ["SPENDS_OTHERWISE"]),
        (10**9 - 1, 10**18 - 1, ["RECEIVES_LESS", "SPENDS_OTHERWISE"]),
        (10**9, 10**18 + 1, []),
    ],
)
async def test_what_moves_otherwise_within_the_bounds_is_a_warning(
    paid: int, got: int, codes: list[str]
) -> None:
    found = await rehearsed(swapping(paid, got))
    assert [warning.code for warning in found.warnings] == codes
    assert found.measured == Measured(paid, got)


async def test_one_unit_less_than_the_minimum_fails_though_the_call_goes_through() -> None:
    with pytest.raises(SwapFails, match=f"receive {TERMS.minimum_out - 1} ") as failed:
        await rehearsed(swapping(10**9, TERMS.minimum_out - 1))
    assert failed.value.shortfall_bps == 11, "rounded up: never told smaller than it is"


async def test_one_unit_more_than_the_most_fails_though_the_call_goes_through() -> None:
    with pytest.raises(SwapFails, match=f"spend {10**9 + 6} "):
        await rehearsed(swapping(10**9 + 6, 10**18))


async def test_what_somebody_else_receives_is_not_the_recipients() -> None:
    stolen = moving((USDC, OWNER, POOL, 10**9), (WETH, POOL, checksum(b"\x99" * 20), 10**18))
    with pytest.raises(SwapFails, match="receive 0 ") as failed:
        await rehearsed(stolen)
    assert failed.value.shortfall_bps == 10_000


async def test_a_swap_that_reverts_for_its_minimum_is_measured_without_it() -> None:
    with pytest.raises(SwapFails, match="Too little received") as failed:
        await rehearsed(failing("Too little received"), swapping(10**9, 99 * 10**16))
    assert failed.value.shortfall_bps == 100


async def test_a_swap_that_reverts_without_its_minimum_too_is_not_measured() -> None:
    with pytest.raises(SwapFails, match="would revert: STF") as failed:
        await rehearsed(failing("STF"), failing("STF"))
    assert failed.value.shortfall_bps is None


async def test_a_swap_that_takes_all_the_gas_there_is_fails() -> None:
    exhausted = SimulatedResult(OutOfGas(), b"", 1, ())
    with pytest.raises(SwapFails):
        await rehearsed(exhausted, exhausted)
