"""What `prepareSwap` says of inputs that mean no swap, before it asks anybody anything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from colonnade.permissions import Principal
from colonnade.testing.harness import Harness
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from colonnade.wallets import Wallets
from plugins.trading.networks import NATIVE
from tests.onchain.prepared_swaps import PREPARE, LinkedWallets
from tests.plugins.trading.scripted_market import NETWORK, TOKEN, USDC, WETH

ACCOUNT = "0x" + "aa" * 20
ORDER = {"tokenIn": USDC, "tokenOut": WETH, "amount": "1000000"}


@pytest.fixture
def chain() -> ScriptedChain:
    return ScriptedChain()


@pytest.fixture
def harness(chain: ScriptedChain) -> Harness:
    return Harness(
        "colonnade.actions.plugin",
        "plugins.trading",
        chains=ScriptedChains(chain),
        services={Wallets: LinkedWallets()},
        principal=Principal("usr_ada"),
    )


def given(order: Mapping[str, Any] = ORDER, **more: Any) -> dict[str, Any]:
    return {"account": ACCOUNT, "idempotencyKey": "key", "swap": {"order": order}, **more}


async def issues(harness: Harness, asked: Mapping[str, Any]) -> list[tuple[str, str]]:
    refused = (await harness.data(PREPARE, {"input": asked}))["prepareSwap"]
    return [(issue["path"][-1], issue["code"]) for issue in refused.get("issues", ())]


@pytest.mark.parametrize("swap", [{}, {"order": None}, {"order": ORDER, "quoteId": "q"}])
async def test_exactly_one_kind_of_swap_is_chosen(harness: Harness, swap: Mapping[str, Any]) -> None:
    result = await harness.execute(PREPARE, {"input": given() | {"swap": swap}})
    assert result.data is None
    assert [error.code for error in result.errors] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("order", ["null", "$missing"])
async def test_a_choice_of_nothing_within_the_document_is_the_clients_fault(
    harness: Harness, order: str
) -> None:
    document = (
        "mutation($missing: SwapOrderInput) { prepareSwap(input: "
        f'{{account: "{ACCOUNT}", idempotencyKey: "k", swap: {{order: {order}}}}}) {{ __typename }} }}'
    )
    result = await harness.execute(document, {})
    assert result.data is None
    assert {error.code for error in result.errors} == {"BAD_USER_INPUT"}


@pytest.mark.parametrize(
    ("amount", "refused"),
    [("0", True), ("-1", True), (str(2**256), True), ("1", False), (str(2**256 - 1), False)],
)
async def test_amounts_are_those_of_a_uint256(harness: Harness, amount: str, refused: bool) -> None:
    found = await issues(harness, given({**ORDER, "amount": amount}))
    assert found == ([("amount", "OUT_OF_RANGE")] if refused else [])


@pytest.mark.parametrize(
    ("seconds", "refused"), [(29.9, True), (30, False), (7_200, False), (7_200.1, True), (-1, True)]
)
async def test_a_deadline_is_between_half_a_minute_and_two_hours_away(
    harness: Harness, seconds: float, refused: bool
) -> None:
    deadline = (harness.clock.now() + timedelta(seconds=seconds)).isoformat()
    found = await issues(harness, given(deadline=deadline))
    assert found == ([("deadline", "OUT_OF_RANGE")] if refused else [])


async def test_a_deadline_without_a_zone_is_refused(harness: Harness) -> None:
    result = await harness.execute(PREPARE, {"input": given(deadline="2026-01-01T00:10:00")})
    assert [error.code for error in result.errors] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    ("bps", "refused"), [(0, True), (1, False), (5_000, False), (5_001, True), (-1, True)]
)
async def test_some_slippage_is_allowed_and_at_most_a_half(harness: Harness, bps: int, refused: bool) -> None:
    found = await issues(harness, given(slippageBps=bps))
    assert found == ([("slippageBps", "OUT_OF_RANGE")] if refused else [])


@pytest.mark.parametrize(("bps", "refused"), [(-1, True), (0, False), (10_000, False), (10_001, True)])
async def test_an_impact_is_a_share(harness: Harness, bps: int, refused: bool) -> None:
    found = await issues(harness, given(maxPriceImpactBps=bps))
    assert found == ([("maxPriceImpactBps", "OUT_OF_RANGE")] if refused else [])


@pytest.mark.parametrize(
    "recipient",
    [
        "0x" + "00" * 20,
        "0x" + "00" * 19 + "01",
        "0x" + "00" * 19 + "02",
        NATIVE,
        NETWORK.swap_router,
        NETWORK.universal_router,
        NETWORK.permit2,
        NETWORK.wrapped_native,
        USDC,
        TOKEN,
    ],
)
async def test_nothing_is_paid_to_who_cannot_pay_it_out(harness: Harness, recipient: str) -> None:
    asked = given({**ORDER, "tokenOut": TOKEN}, recipient=recipient)
    assert await issues(harness, asked) == [("recipient", "NOT_A_RECIPIENT")]


@pytest.mark.parametrize(
    ("one", "other"), [(WETH, WETH), (WETH, NATIVE), (NATIVE, WETH), (USDC, USDC.lower())]
)
async def test_a_token_is_not_swapped_for_itself(harness: Harness, one: str, other: str) -> None:
    asked = given({**ORDER, "tokenIn": one, "tokenOut": other})
    assert await issues(harness, asked) == [("tokenOut", "SAME_TOKEN")]


async def test_what_is_refused_for_its_form_asks_no_chain(harness: Harness, chain: ScriptedChain) -> None:
    await issues(harness, given({**ORDER, "chainId": 1, "amount": "0"}))
    assert chain.round_trips == 0
